use auth_runtime::auth_required;

#[auth_required]
pub use std::mem;

fn main() {}
