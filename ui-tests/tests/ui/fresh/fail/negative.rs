use auth_runtime::auth_required;

#[auth_required(fresh = "-1m")]
async fn transfer() {}

fn main() {}
