use auth_runtime::scope_required;

#[scope_required(7)]
async fn view() {}

fn main() {}
