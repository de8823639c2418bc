use auth_runtime::scope_required;

#[scope_required(read)]
async fn view() {}

fn main() {}
