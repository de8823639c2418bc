use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission(name = 7)]
    View,
}

fn main() {}
