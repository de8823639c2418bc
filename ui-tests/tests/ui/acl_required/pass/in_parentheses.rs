use crate::ui::probe;
use auth_runtime::{Acl, acl, acl_assert, acl_required, permit};

const ARTICLES: Acl = acl![
    ((Allow, (Everyone), (["view"]))),
    (Allow, (Group(("editors"))), ([("edit"), (-3)])),
];
const ALL_ARTICLES: Acl = acl![..(ARTICLES)];

acl_assert!((ALL_ARTICLES) {
    group ("editors") can (["edit", (-3)]);
    anonymous cannot ("edit");
});

permit! {
    pub(crate) struct MayEdit = (any("view", ("edit"))) in (ARTICLES);
}

#[acl_required((any("edit", ("view"))), (ARTICLES), fresh = ("10m"))]
async fn written() {}

macro_rules! handler {
    ($name:ident, $permission:expr, $list:expr, $age:expr) => {
        #[acl_required(all($permission, "view"), $list, fresh = $age)]
        async fn $name() {}
    };
}

handler!(expanded, any("edit", "view"), ARTICLES, "10m");

pub(crate) fn main() {
    let _ = written;
    let _: Option<auth_runtime::guard::Permit<MayEdit>> = None;
    assert_eq!(probe::nobody(expanded), 401);
    assert_eq!(probe::editor(written), 401);
}
