use crate::ui::probe;
use auth_runtime::{Acl, acl, acl_required};

const SITE: Acl = acl![(Allow, Group("editors"), ["edit"]), (Allow, Everyone, ["view"])];
const NOBODY_EDITS: Acl = acl![(Deny, Group("editors"), ["edit"]), ..SITE];
const AND_THEN_SOME: Acl = acl![..SITE, (Allow, Authenticated, ["edit"])];

#[acl_required("view", NOBODY_EDITS)]
async fn view() {}

#[acl_required("edit", AND_THEN_SOME)]
async fn edit() {}

pub(crate) fn main() {
    assert_eq!(NOBODY_EDITS.rules().len(), 3);
    assert!(NOBODY_EDITS.conflicts().eq([1]));
    assert_eq!(probe::nobody(view), 200);
    assert_eq!(probe::nobody(edit), 401);
    assert_eq!(probe::reader(edit), 200);
}
