use auth_runtime::{allow_anonymous, auth_required as members};

#[members]
#[allow_anonymous]
async fn login() {}

fn main() {}
