use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission("look")]
    View,
}

fn main() {}
