use auth_runtime::{acl::GroupHierarchy, group_hierarchy};

const ROLES: GroupHierarchy = group_hierarchy![(admins, ["editors"])];

fn main() {}
