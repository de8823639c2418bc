use crate::ui::probe;
use auth_runtime::{Acl, acl, acl_required};

pub(crate) fn main() {
    const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];

    #[acl_required("edit", ARTICLES)]
    async fn handler() {}

    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::editor(handler), 200);
}
