use auth_runtime::scope_required;

#[scope_required(any())]
async fn view() {}

fn main() {}
