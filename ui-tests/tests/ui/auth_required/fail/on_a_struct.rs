use auth_runtime::auth_required;

#[auth_required]
struct Profile;

fn main() {}
