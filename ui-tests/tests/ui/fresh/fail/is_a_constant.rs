use auth_runtime::auth_required;

#[auth_required(fresh = TEN_MINUTES)]
async fn transfer() {}

fn main() {}
