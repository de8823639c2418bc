use crate::ui::probe;
use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit", "view"])];

macro_rules! handler {
    ($name:ident, $first:literal, $permission:expr, $context:path, $option:ident) => {
        #[acl_required(all($first, $permission), $context, $option)]
        async fn $name() {}
    };
}

handler!(handler, "edit", any("edit", "view"), ARTICLES, hide);

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 404);
    assert_eq!(probe::editor(handler), 200);
}
