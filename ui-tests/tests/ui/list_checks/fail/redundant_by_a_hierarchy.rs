use auth_runtime::{Acl, acl, acl::GroupHierarchy, group_hierarchy};

const ROLES: GroupHierarchy = group_hierarchy![("admins", ["press"])];
const ARTICLES: Acl = acl![
    groups = ROLES,
    deny(redundant),
    (Allow, Group("press"), ["edit"]),
    (Allow, Group("admins"), ["edit"]),
];

fn main() {}
