use auth_runtime::auth_required;

#[auth_required(callers = "programs")]
async fn hook() {}

fn main() {}
