use auth_runtime::auth_required;

#[auth_required(fresh = "10m", fresh = "1h")]
async fn transfer() {}

fn main() {}
