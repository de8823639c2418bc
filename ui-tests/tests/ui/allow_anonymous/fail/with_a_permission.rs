use auth_runtime::allow_anonymous;

#[allow_anonymous("login")]
async fn login() {}

fn main() {}
