use auth_runtime::auth_required;

#[auth_required(limit = "0/1m")]
async fn search() {}

fn main() {}
