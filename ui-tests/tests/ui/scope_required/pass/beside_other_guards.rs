use crate::ui::probe;
use auth_runtime::{Acl, Permission, acl, acl_required, auth_required, permission_required, scope_required};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
}

#[scope_required("articles:read")]
#[acl_required("view", ARTICLES)]
async fn above() {}

#[acl_required("view", ARTICLES)]
#[scope_required("articles:read")]
async fn below() {}

#[auth_required]
#[scope_required("articles:read")]
#[permission_required(Can::View)]
#[scope_required("articles:write")]
async fn between() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(above), 401);
    assert_eq!(probe::nobody(below), 401);
    assert_eq!(probe::nobody(between), 401);
}
