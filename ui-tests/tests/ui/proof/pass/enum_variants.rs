use auth_runtime::{Acl, Group, Permission, acl, acl_assert};

#[derive(Clone, Copy, Permission)]
enum Can { View, Edit, Archive, Burn }

#[derive(Clone, Copy, Group)]
enum Role { Editor, Admin }

const ARTICLES: Acl = acl![
    (Deny, Everyone, [Can::Burn]),
    (Allow, Everyone, [Can::View]),
    (Allow, Group(Role::Editor), [Can::Edit, Can::Archive]),
    (Allow, Group(Role::Admin), ALL),
];

acl_assert!(ARTICLES {
    everyone can Can::View;
    group Role::Editor can [Can::Edit, Can::Archive];
    group Role::Admin can Can::Archive;
    nobody has both Can::Burn and Can::View;
});

pub(crate) fn main() {}
