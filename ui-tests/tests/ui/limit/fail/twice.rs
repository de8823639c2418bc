use auth_runtime::auth_required;

#[auth_required(limit = "30/1m", limit = "1/1s")]
async fn search() {}

fn main() {}
