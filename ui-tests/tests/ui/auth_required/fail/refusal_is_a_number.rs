use auth_runtime::auth_required;

#[auth_required(refusal = 404)]
async fn secret() {}

fn main() {}
