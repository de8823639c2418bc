use auth_runtime::allow_anonymous;

#[allow_anonymous(refusal = teapot)]
async fn login() {}

fn main() {}
