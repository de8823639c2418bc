use auth_runtime::{Acl, acl, guard::Permit, permit};

const ARTICLES: Acl = acl![(Allow, Group("admins"), ["delete"])];

permit! {
    struct MayDelete = "delte" in ARTICLES;
}

fn main() {
    let _: Option<Permit<MayDelete>> = None;
}
