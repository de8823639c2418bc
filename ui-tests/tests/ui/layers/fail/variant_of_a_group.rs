use auth_runtime::{Acl, Group, acl, guard};

const FILES: Acl = acl![(Allow, Everyone, ["read"]), (Allow, Group("staff"), ["write", "sign"])];

#[derive(Clone, Copy, Group)]
enum Role {
    Staff,
}

fn main() {
    let _ = guard::acl!(Role::Staff, FILES);
}
