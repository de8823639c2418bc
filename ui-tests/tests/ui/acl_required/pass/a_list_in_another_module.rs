use crate::ui::probe;
use auth_runtime::acl_required;

mod rules {
    use auth_runtime::{Acl, acl};

    pub const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];
}

#[acl_required("edit", rules::ARTICLES)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 403);
    assert_eq!(probe::editor(handler), 200);
}
