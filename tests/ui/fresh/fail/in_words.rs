use auth_runtime::auth_required;

#[auth_required(fresh = "10 minutes")]
async fn transfer() {}

fn main() {}
