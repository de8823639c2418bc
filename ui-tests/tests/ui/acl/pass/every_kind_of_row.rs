use auth_runtime::{Acl, Group, Permission, acl};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
}

#[derive(Clone, Copy, Group)]
enum Role {
    Admin,
}

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["read", 7, -3, Can::View]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment",],),
    (Allow, Group("editors"), ["edit"]),
    (Deny, Group(7), ["edit"]),
    (Allow, Group(Role::Admin), ALL),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 6);
}
