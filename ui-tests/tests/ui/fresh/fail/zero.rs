use auth_runtime::auth_required;

#[auth_required(fresh = "0m")]
async fn transfer() {}

fn main() {}
