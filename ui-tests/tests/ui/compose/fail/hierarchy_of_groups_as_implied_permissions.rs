use auth_runtime::{Acl, acl, acl::GroupHierarchy, group_hierarchy};

const ROLES: GroupHierarchy = group_hierarchy![("admins", ["editors"])];
const USED: Acl = acl![groups = ROLES, (Allow, Everyone, ["view"])];

const ARTICLES: Acl = acl![implied = ROLES, (Allow, Group("editors"), ["edit"])];

fn main() {}
