use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
#[permission(name = "can")]
enum Can {
    View,
}

fn main() {}
