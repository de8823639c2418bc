use auth_runtime::{Acl, Permission, acl, authorization::AclPolicy};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

const SITE: Acl = acl![(Allow, Authenticated, ["edt"])];

const POLICY: AclPolicy<Can> = AclPolicy::new(SITE);

fn main() {
    let _ = POLICY;
}
