use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission(crate = renamed)]
    View,
}

fn main() {}
