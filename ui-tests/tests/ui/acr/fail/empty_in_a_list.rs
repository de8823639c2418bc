use auth_runtime::auth_required;

#[auth_required(acr = ["phr", ""])]
async fn transfer() {}

fn main() {}
