use auth_runtime::auth_required;

#[auth_required]
pub enum Profile {}

fn main() {}
