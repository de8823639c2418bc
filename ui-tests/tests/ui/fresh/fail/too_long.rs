use auth_runtime::auth_required;

#[auth_required(fresh = "36501d")]
async fn transfer() {}

fn main() {}
