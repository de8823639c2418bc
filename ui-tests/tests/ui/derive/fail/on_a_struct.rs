use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
struct Can;

fn main() {}
