use auth_runtime::{Acl, acl, guard};

const FILES: Acl = acl![(Allow, Everyone, ["read"]), (Allow, Group("staff"), ["write", "sign"])];

const FILES_NEXT: Acl = acl![(Allow, Group("staff"), ["write"])];

fn main() {
    let _ = guard::acl!("read", FILES, shadow = FILES_NEXT);
}
