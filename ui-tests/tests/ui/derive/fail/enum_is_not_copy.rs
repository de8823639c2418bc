use auth_runtime::Permission;

#[derive(Permission)]
enum Can {
    View,
}

fn main() {}
