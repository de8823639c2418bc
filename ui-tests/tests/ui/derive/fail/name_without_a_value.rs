use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission(name)]
    View,
}

fn main() {}
