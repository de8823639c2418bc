use crate::ui::probe;
use auth_runtime::{Acl, Permission, acl, acl_required};

#[derive(Clone, Copy, Permission)]
#[repr(i64)]
enum Can {
    View = i64::MIN,
    Edit = -1,
    Delete,
    Publish = i64::MAX,
}

const ARTICLES: Acl =
    acl![(Allow, Everyone, [Can::View, Can::Delete]), (Allow, Authenticated, [Can::Edit, Can::Publish])];

#[acl_required(all(Can::View, Can::Delete), ARTICLES)]
async fn allowed() {}

#[acl_required(any(Can::Edit, Can::Publish), ARTICLES)]
async fn denied() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(allowed), 200);
    assert_eq!(probe::nobody(denied), 401);
}
