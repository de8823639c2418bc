use auth_runtime::auth_required;

struct Profile;

#[auth_required]
impl Profile {}

fn main() {}
