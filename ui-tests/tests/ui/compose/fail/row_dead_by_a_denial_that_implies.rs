use auth_runtime::{Acl, acl, acl::ImpliedPermissions, implied_permissions};

const RIGHTS: ImpliedPermissions = implied_permissions![("edit", ["view"])];

const ARTICLES: Acl = acl![
    implied = RIGHTS,
    (Deny, Group("banned"), ["view"]),
    // What cannot be viewed cannot be edited.
    (Allow, Group("banned"), ["edit"]),
];

fn main() {}
