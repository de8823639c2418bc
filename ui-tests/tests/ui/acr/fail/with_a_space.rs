use auth_runtime::auth_required;

#[auth_required(acr = "phr phrh")]
async fn transfer() {}

fn main() {}
