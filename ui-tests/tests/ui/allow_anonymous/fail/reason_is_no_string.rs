use auth_runtime::allow_anonymous;

#[allow_anonymous(reason = OPEN)]
async fn login() {}

fn main() {}
