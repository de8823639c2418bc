use auth_runtime::auth_required;

#[auth_required(fresh = "10M")]
async fn transfer() {}

fn main() {}
