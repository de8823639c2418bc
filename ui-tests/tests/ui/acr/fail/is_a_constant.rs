use auth_runtime::auth_required;

#[auth_required(acr = PHR)]
async fn transfer() {}

fn main() {}
