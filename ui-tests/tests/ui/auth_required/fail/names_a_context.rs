use auth_runtime::auth_required;

#[auth_required(ARTICLES)]
async fn profile() {}

fn main() {}
