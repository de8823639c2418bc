use auth_runtime::auth_required;

#[auth_required(refuse = teapot)]
async fn profile() {}

fn main() {}
