use auth_runtime::auth_required;

#[auth_required(fresh = "1.5s")]
async fn transfer() {}

fn main() {}
