use auth_runtime::auth_required;

#[auth_required(refusal)]
async fn profile() {}

fn main() {}
