use auth_runtime::{Acl, acl, acl::GroupHierarchy, group_hierarchy};

const SITE: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("press"), ["edit"])];
const ROLES: GroupHierarchy = group_hierarchy![("admins", ["press"])];
const ARTICLES: Acl = acl![
    deny(redundant),
    groups = ROLES,
    (Deny, User("mallory"), ALL),
    (Allow, Group("admins"), ["edit", "delete"]),
    // The hierarchy repeats it for admins, who may edit already; no row stands for that.
    (Allow, Group("press"), ["edit"]),
    // What another list contributes may be redundant.
    ..SITE,
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("guests"), ["comment", "vote"]),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules()[3].to_string(), r#"(Allow, Group("admins"), ["edit"])"#);
    assert!(ARTICLES.rules()[3].is_inherited());
    assert!(ARTICLES.redundant().eq([5]));
    assert_eq!(ARTICLES.rules()[5].to_string(), r#"(Allow, Group("press"), ["edit"])"#);
}
