use auth_runtime::{Acl, Group, Groups, Permission, acl, acl_required};

use crate::ui::probe;

#[derive(Permission)]
enum Can {
    View,
    Edit,
}

#[derive(Group)]
enum Role {
    Editors,
}

const ARTICLES: Acl = acl![
    (Allow, Authenticated, [Can::View]),
    (Allow, Group(Role::Editors), [Can::Edit, Can::View]),
    (Deny, User("mallory"), ["publish"]),
    (Allow, Group("authors"), ["publish"]),
];

#[acl_required(all(Can::View, Can::Edit), ARTICLES)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::reader(handler), 403);
    assert_eq!(probe::editor(handler), 200);
    assert!(Groups::from([Role::Editors]).contains("editors"));
}
