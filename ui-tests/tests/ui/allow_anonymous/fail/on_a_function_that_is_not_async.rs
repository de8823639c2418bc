use auth_runtime::allow_anonymous;

#[allow_anonymous]
fn login() {}

fn main() {}
