use auth_runtime::auth_required;

#[auth_required(limit)]
async fn search() {}

fn main() {}
