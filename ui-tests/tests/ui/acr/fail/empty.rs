use auth_runtime::auth_required;

#[auth_required(acr = "")]
async fn transfer() {}

fn main() {}
