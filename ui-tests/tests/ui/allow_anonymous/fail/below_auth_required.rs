use auth_runtime::{allow_anonymous, auth_required};

#[auth_required]
#[allow_anonymous]
async fn login() {}

fn main() {}
