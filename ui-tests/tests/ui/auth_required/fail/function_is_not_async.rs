use auth_runtime::auth_required;

#[auth_required]
fn profile() {}

fn main() {}
