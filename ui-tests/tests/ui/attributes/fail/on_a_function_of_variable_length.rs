use auth_runtime::auth_required;

#[auth_required]
unsafe extern "C" fn print(format: *const u8, ...) {}

fn main() {}
