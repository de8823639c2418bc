use auth_runtime::auth_required;

#[auth_required(fresh = "500ms")]
async fn transfer() {}

fn main() {}
