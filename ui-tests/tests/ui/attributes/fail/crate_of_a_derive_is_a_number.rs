use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
#[permission(crate = 7)]
enum Can {
    View,
}

fn main() {
    let _ = Can::View;
}
