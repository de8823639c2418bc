use auth_runtime::auth_required;

#[auth_required(frech = "10m")]
async fn transfer() {}

fn main() {}
