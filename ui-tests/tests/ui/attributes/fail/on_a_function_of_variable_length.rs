use auth_runtime::auth_required;

#[auth_required]
unsafe extern "C" fn print(_format: *const u8, _: ...) {}

fn main() {}
