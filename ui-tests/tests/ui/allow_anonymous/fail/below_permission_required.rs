use auth_runtime::{allow_anonymous, permission_required};

#[permission_required(Can::LogIn)]
#[allow_anonymous]
async fn login() {}

fn main() {}
