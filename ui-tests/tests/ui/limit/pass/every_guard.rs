use crate::ui::probe;
use auth_runtime::{
    Acl, Permission, acl, acl_required, allow_anonymous, auth_required, permission_required, scope_required,
};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
}

#[auth_required(limit = "30/1m")]
async fn by_user() {}

#[acl_required("view", ARTICLES, hide, limit = "1000/1s")]
async fn by_list() {}

#[permission_required(Can::View, limit = "1/30d", fresh = "1 week", crate = auth_runtime)]
async fn by_policy() {}

#[scope_required("view", limit = "100/1h 30m")]
async fn by_scope() {}

#[allow_anonymous(limit = "5/1m", reason = "users log in here")]
async fn public() {}

pub(crate) fn main() {
    // The layer of this test has no throttle, so nothing that has a limit is served.
    assert_eq!(probe::nobody(by_user), 500);
    assert_eq!(probe::nobody(by_list), 500);
    assert_eq!(probe::nobody(by_policy), 500);
    assert_eq!(probe::nobody(by_scope), 500);
    assert_eq!(probe::nobody(public), 500);
}
