use auth_runtime::{Acl, Condition, Permission, acl, authorization::AclPolicy};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

const DAY: Condition = Condition::daily("day", "08:00", "18:00");

const SITE: Acl = acl![(Allow, Authenticated, [Can::Edit], if DAY)];

const POLICY: AclPolicy<Can> = AclPolicy::new(SITE);

fn main() {
    let _ = POLICY;
}
