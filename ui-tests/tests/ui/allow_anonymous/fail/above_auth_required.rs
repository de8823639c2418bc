use auth_runtime::{allow_anonymous, auth_required};

#[allow_anonymous]
#[auth_required]
async fn login() {}

fn main() {}
