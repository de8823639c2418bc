use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit(u64),
}

fn main() {}
