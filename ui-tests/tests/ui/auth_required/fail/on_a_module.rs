use auth_runtime::auth_required;

#[auth_required]
mod profile {}

fn main() {}
