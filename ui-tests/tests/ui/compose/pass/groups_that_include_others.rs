use crate::ui::probe;
use auth_runtime::{Acl, Group, acl, acl::GroupHierarchy, acl_required, group_hierarchy};

#[derive(Clone, Copy, Group)]
enum Role {
    Editors,
    Readers,
}

const ROLES: GroupHierarchy = group_hierarchy![(Role::Editors, [Role::Readers]), ("admins", ["editors"])];
const ARTICLES: Acl = acl![groups = ROLES, (Allow, Group("readers"), ["view"])];

#[acl_required("view", ARTICLES)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 3);
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::editor(handler), 200);
}
