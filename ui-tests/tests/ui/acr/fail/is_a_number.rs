use auth_runtime::auth_required;

#[auth_required(acr = 2)]
async fn transfer() {}

fn main() {}
