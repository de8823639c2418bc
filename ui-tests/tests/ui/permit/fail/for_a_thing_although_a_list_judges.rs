use auth_runtime::{Acl, acl, guard::Permit, permit};

const ARTICLES: Acl = acl![(Allow, Group("admins"), ["delete"])];

permit! {
    struct MayDelete = "delete" in ARTICLES;
}

fn delete(_: &Permit<MayDelete, String>) {}

fn main() {}
