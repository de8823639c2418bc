use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
enum Can<const N: usize> {
    View,
}

fn main() {}
