use auth_runtime::auth_required;

#[auth_required(acr = ["phr", 2])]
async fn transfer() {}

fn main() {}
