use auth_runtime::{allow_anonymous, auth_required as members};

#[allow_anonymous]
#[members]
async fn login() {}

fn main() {}
