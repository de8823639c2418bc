use crate::ui::probe;
use auth_runtime::{Acl, acl, acl::ImpliedPermissions, acl_required, implied_permissions};

const RIGHTS: ImpliedPermissions = implied_permissions![("delete", ["edit"]), ("edit", ["view"])];
const ARTICLES: Acl =
    acl![implied = RIGHTS, (Allow, Group("editors"), ["edit"]), (Allow, Authenticated, ["delete"])];

#[acl_required("view", ARTICLES)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::editor(handler), 200);
}
