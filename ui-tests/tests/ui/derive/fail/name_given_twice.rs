use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission(name = "look", name = "see")]
    View,
}

fn main() {}
