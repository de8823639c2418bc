use auth_runtime::guarded::{Unguarded, unguarded};

const STATUS: Unguarded<&str> = unguarded(" ", "up");

fn main() {}
