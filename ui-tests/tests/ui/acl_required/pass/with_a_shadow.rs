use crate::ui::probe;
use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit", "comment"])];

mod rules {
    pub(super) const NEXT: auth_runtime::Acl =
        auth_runtime::acl![(Deny, Everyone, ["edit"]), (Allow, Group("editors"), ["comment"])];
}

/// The shadow withdraws the permission from everyone, by a rule.
#[acl_required(all("edit", "comment"), ARTICLES, shadow = rules::NEXT)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 403);
    assert_eq!(probe::editor(handler), 200);
}
