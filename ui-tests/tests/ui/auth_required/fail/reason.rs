use auth_runtime::auth_required;

#[auth_required(reason = "members only")]
async fn profile() {}

fn main() {}
