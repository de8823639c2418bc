use auth_runtime::auth_required;

#[auth_required(crate = "auth_runtime")]
async fn profile() {}

fn main() {}
