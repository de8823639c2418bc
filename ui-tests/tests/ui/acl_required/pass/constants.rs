use auth_runtime::{
    Acl, Group, Permission, acl, acl_assert, acl_required, permission_required, permit,
};

use crate::ui::probe;

mod rights {
    pub(super) const VIEW: &str = "view";
    pub(super) const EDITORS: &str = "editors";
}

#[derive(Clone, Copy, Permission)]
enum Can {
    Publish,
}

#[derive(Clone, Copy, Group)]
enum Role {
    Editors,
}

const EDIT: &str = "edit";
const PUBLISH: Can = Can::Publish;
const EDITORS: Role = Role::Editors;

const ARTICLES: Acl = acl![
    (Allow, Everyone, [rights::VIEW]),
    (Allow, Group(rights::EDITORS), [EDIT, PUBLISH]),
    (Allow, Group(EDITORS), ["comment"]),
];

acl_assert!(ARTICLES {
    anonymous cannot EDIT;
    group EDITORS can [EDIT, PUBLISH];
});

permit! {
    struct MayEdit = EDIT in ARTICLES;
}

#[acl_required(rights::VIEW, ARTICLES)]
async fn view() {}

#[acl_required(all(EDIT, PUBLISH, "edit", "publish"), ARTICLES)]
async fn edit() {}

#[permission_required(PUBLISH)]
async fn by_policy() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(view), 200);
    assert_eq!(probe::reader(edit), 403);
    assert_eq!(probe::editor(edit), 200);
    // Without a policy.
    assert_eq!(probe::reader(by_policy), 500);
    let _: Option<auth_runtime::guard::Permit<MayEdit>> = None;
}
