use crate::ui::probe;
use auth_runtime::{Acl, Permission, acl, acl_required, auth_required, permission_required, scope_required};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
}

#[auth_required(fresh = "30s")]
async fn by_user() {}

#[acl_required("view", ARTICLES, hide, fresh = "1.5h")]
async fn by_list() {}

#[permission_required(Can::View, fresh = "1 week", crate = auth_runtime)]
async fn by_policy() {}

#[scope_required("view", fresh = "1h 30m")]
async fn by_scope() {}

#[auth_required(fresh = "1d")]
#[acl_required("view", ARTICLES, fresh = "10m")]
async fn twice() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(by_user), 401);
    assert_eq!(probe::nobody(by_list), 404);
    assert_eq!(probe::nobody(by_policy), 500);
    assert_eq!(probe::nobody(by_scope), 401);
    assert_eq!(probe::nobody(twice), 401);
}
