use auth_runtime::{Acl, acl, guard};

const FILES: Acl = acl![(Allow, Everyone, ["read"]), (Allow, Group("staff"), ["write", "sign"])];

const PAGES: Acl = acl![(Allow, Everyone, [7, 8])];

fn main() {
    let _ = guard::acl!("7", PAGES);
}
