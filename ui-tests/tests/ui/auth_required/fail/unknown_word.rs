use auth_runtime::auth_required;

#[auth_required(login)]
async fn profile() {}

fn main() {}
