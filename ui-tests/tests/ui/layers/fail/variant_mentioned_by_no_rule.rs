use auth_runtime::{Acl, Permission, acl, guard};

const FILES: Acl = acl![(Allow, Everyone, ["read"]), (Allow, Group("staff"), ["write", "sign"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    Delete,
}

fn main() {
    let _ = guard::acl!(Can::Delete, FILES);
}
