use auth_runtime::{Acl, Group, Groups, Principals, acl};

#[derive(Clone, Copy, Group)]
pub(crate) enum Role {
    Guest,
    Partner,
}

const ARTICLES: Acl = acl![
    anonymous_groups = [Role::Guest, Role::Partner],
    (Allow, Authenticated, ["read", "edit"]),
    (Deny, Group(Role::Guest), ["edit"]),
    (Allow, Group(Role::Partner), ["edit"]),
];

const ARCHIVE: Acl = acl![
    anonymous_groups = [Role::Guest],
    ..ARTICLES,
    (Deny, Group(Role::Guest), ["read"]),
];

pub(crate) fn main() {
    let partners = Groups::from([Role::Partner]);
    let partner = Principals::new(None, Some(&partners));
    assert!(ARTICLES.decide("edit", &partner).is_allow());
    assert_eq!(ARTICLES.conflicts().count(), 0);
    assert_eq!(ARTICLES.redundant().count(), 0);
    assert_eq!(ARCHIVE.conflicts().count(), 0);
    assert_eq!(ARCHIVE.rules().len(), 4);
}
