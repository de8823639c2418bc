use auth_runtime::{Acl, Permission, acl, acl_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

const ARTICLES: Acl = acl![
    (Allow, Group("admins"), ALL),
];

#[acl_required(Can::Edit, ARTICLES)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(crate::ui::probe::nobody(handler), 401);
}
