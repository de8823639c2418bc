use crate::ui::probe;
use auth_runtime::{Acl, Permission, acl, acl_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit", Can::Edit])];

mod rules {
    pub(super) const NEXT: auth_runtime::Acl =
        auth_runtime::acl![(Deny, Everyone, ["edit"]), (Allow, Group("admins"), ALL)];
}

/// The shadow says that nobody may any more, and knows the variant by `ALL`.
#[acl_required(all("edit", Can::Edit), ARTICLES, shadow = rules::NEXT)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 403);
    assert_eq!(probe::editor(handler), 200);
}
