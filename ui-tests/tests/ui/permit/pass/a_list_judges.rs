use crate::ui::probe;
use auth_runtime::{Acl, acl, guard::Permit, permit};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];

permit! {
    /// May edit
    pub(crate) struct MayEdit = any("edit") in ARTICLES;
}

fn write(_: &Permit<MayEdit>) {}

async fn handler(permit: Permit<MayEdit>) {
    write(&permit);
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 403);
    assert_eq!(probe::editor(handler), 200);
}
