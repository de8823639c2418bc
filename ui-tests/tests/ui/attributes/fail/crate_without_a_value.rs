use auth_runtime::auth_required;

#[auth_required(crate)]
async fn view() {}

fn main() {}
