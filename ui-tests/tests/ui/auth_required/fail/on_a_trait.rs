use auth_runtime::auth_required;

#[auth_required]
pub(crate) trait Profile {}

fn main() {}
