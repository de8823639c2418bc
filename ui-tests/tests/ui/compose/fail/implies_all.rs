use auth_runtime::{acl::ImpliedPermissions, implied_permissions};

const RIGHTS: ImpliedPermissions = implied_permissions![("administer", ["ALL"])];

fn main() {}
