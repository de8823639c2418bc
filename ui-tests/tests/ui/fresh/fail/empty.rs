use auth_runtime::auth_required;

#[auth_required(fresh = "")]
async fn transfer() {}

fn main() {}
