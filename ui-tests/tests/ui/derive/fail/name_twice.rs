use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    #[permission(name = "view")]
    Look,
}

fn main() {}
