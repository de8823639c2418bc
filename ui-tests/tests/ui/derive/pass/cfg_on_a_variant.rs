use auth_runtime::Permission;

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    #[cfg(false)]
    #[permission(name = "view")]
    Look,
}

pub(crate) fn main() {
    assert_eq!(Can::View.name().to_string(), "view");
}
