use auth_runtime::{acl::ImpliedPermissions, implied_permissions};

const RIGHTS: ImpliedPermissions = implied_permissions![("edit", ["view"]), ("view", ["edit"])];

fn main() {}
