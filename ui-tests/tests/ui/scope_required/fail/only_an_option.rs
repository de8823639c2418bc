use auth_runtime::scope_required;

#[scope_required(hide)]
async fn view() {}

fn main() {}
