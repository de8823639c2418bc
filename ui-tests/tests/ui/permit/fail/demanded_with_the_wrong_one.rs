use auth_runtime::{Acl, acl, guard::Permit, permit};

const ARTICLES: Acl = acl![(Allow, Group("admins"), ["delete", "edit"])];

permit! {
    struct MayDelete = "delete" in ARTICLES;
    struct MayEdit = "edit" in ARTICLES;
}

fn delete_row(_: &Permit<MayDelete>) {}

async fn edit(permit: Permit<MayEdit>) {
    delete_row(&permit);
}

fn main() {}
