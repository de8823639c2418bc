use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
enum Can {}

fn main() {}
