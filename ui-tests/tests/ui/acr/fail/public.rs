use auth_runtime::allow_anonymous;

#[allow_anonymous(acr = "phr")]
async fn transfer() {}

fn main() {}
