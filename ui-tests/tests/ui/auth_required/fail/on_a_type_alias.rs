use auth_runtime::auth_required;

#[auth_required]
type Profile = usize;

fn main() {}
