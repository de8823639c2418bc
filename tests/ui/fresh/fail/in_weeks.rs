use auth_runtime::auth_required;

#[auth_required(fresh = "1w")]
async fn transfer() {}

fn main() {}
