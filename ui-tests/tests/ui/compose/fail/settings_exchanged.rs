use auth_runtime::{
    Acl, acl,
    acl::{GroupHierarchy, ImpliedPermissions},
    group_hierarchy, implied_permissions,
};

const ROLES: GroupHierarchy = group_hierarchy![("admins", ["editors"])];
const RIGHTS: ImpliedPermissions = implied_permissions![("edit", ["view"])];
const USED: Acl = acl![groups = ROLES, implied = RIGHTS, (Allow, Everyone, ["view"])];

const ARTICLES: Acl = acl![groups = RIGHTS, (Allow, Group("editors"), ["edit"])];

fn main() {}
