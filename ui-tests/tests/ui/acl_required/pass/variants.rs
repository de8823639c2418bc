use crate::ui::probe;
use auth_runtime::{Acl, Group, Permission, acl, acl_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    #[permission(name = "write")]
    Edit,
}

#[derive(Clone, Copy, Group)]
enum Role {
    Editors,
}

const ARTICLES: Acl = acl![(Allow, Everyone, [Can::View]), (Allow, Group(Role::Editors), [Can::Edit]),];

#[acl_required(all(Can::View, "write"), ARTICLES)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::editor(handler), 200);
}
