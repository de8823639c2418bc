use auth_runtime::auth_required;

#[auth_required]
const PROFILE: usize = 7;

fn main() {}
