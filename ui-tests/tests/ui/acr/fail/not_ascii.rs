use auth_runtime::auth_required;

#[auth_required(acr = "phŕ")]
async fn transfer() {}

fn main() {}
