use crate::ui::probe;
use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit", 7, -3]),
];

#[acl_required(any("edit", "comment"), ARTICLES)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 200);
    assert_eq!(probe::editor(handler), 200);
}
