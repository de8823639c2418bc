use auth_runtime::auth_required;

#[auth_required]
async unsafe fn profile() {}

fn main() {}
