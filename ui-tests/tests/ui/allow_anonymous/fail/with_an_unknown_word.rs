use auth_runtime::allow_anonymous;

#[allow_anonymous(please)]
async fn login() {}

fn main() {}
