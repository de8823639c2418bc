use auth_runtime::{Acl, acl, guard};

const FILES: Acl = acl![(Allow, Everyone, ["read"]), (Allow, Group("staff"), ["write", "sign"])];

fn main() {
    let _ = guard::permission!(Can::Read, FILES);
}
