use auth_runtime::auth_required;

#[auth_required(limit = 30)]
async fn search() {}

fn main() {}
