use auth_runtime::auth_required;

#[auth_required(refusal = |_| 404)]
async fn profile() {}

fn main() {}
