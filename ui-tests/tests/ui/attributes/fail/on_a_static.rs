use auth_runtime::auth_required;

#[auth_required]
static LIMIT: u8 = 7;

fn main() {}
