use auth_runtime::allow_anonymous;

#[allow_anonymous(hide)]
async fn login() {}

fn main() {}
