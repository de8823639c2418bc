use auth_runtime::{Acl, Permission, acl, authorization::AclPolicy};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

const SITE: Acl = acl![overlay = "site", (Allow, Authenticated, [Can::Edit])];

const POLICY: AclPolicy<Can> = AclPolicy::new(SITE);

fn main() {
    let _ = POLICY;
}
