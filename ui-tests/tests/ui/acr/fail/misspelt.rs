use auth_runtime::auth_required;

#[auth_required(acrs = "phr")]
async fn transfer() {}

fn main() {}
