use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission(nam = "look")]
    View,
}

fn main() {}
