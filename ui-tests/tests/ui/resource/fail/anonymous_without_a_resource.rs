use auth_runtime::auth_required;

#[auth_required(anonymous)]
async fn view() {}

fn main() {}
