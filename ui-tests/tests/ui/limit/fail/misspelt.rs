use auth_runtime::auth_required;

#[auth_required(limits = "30/1m")]
async fn search() {}

fn main() {}
