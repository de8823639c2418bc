use auth_runtime::auth_required;

#[auth_required]
async extern "C" fn profile() {}

fn main() {}
