use auth_runtime::auth_required;

#[auth_required(crate = 7)]
async fn view() {}

fn main() {}
