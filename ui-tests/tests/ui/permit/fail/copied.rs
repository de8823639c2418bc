use auth_runtime::{Acl, acl, guard::Permit, permit};

const ARTICLES: Acl = acl![(Allow, Group("admins"), ["delete"])];

permit! {
    struct MayDelete = "delete" in ARTICLES;
}

fn keep(permit: &Permit<MayDelete>) -> Permit<MayDelete> {
    permit.clone()
}

fn main() {
    let _ = keep;
}
