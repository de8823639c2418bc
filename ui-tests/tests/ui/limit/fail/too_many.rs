use auth_runtime::auth_required;

#[auth_required(limit = "1001/1s")]
async fn search() {}

fn main() {}
