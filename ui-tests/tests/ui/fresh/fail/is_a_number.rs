use auth_runtime::auth_required;

#[auth_required(fresh = 10)]
async fn transfer() {}

fn main() {}
