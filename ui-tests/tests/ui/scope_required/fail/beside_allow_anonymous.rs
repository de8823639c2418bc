use auth_runtime::{allow_anonymous, scope_required};

#[allow_anonymous]
#[scope_required("articles:read")]
async fn view() {}

fn main() {}
