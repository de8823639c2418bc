use crate::ui::probe;
use auth_runtime::{Acl, Permission, acl, acl_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

const ARTICLES: Acl = acl![(Allow, Group("editors"), ALL)];

#[acl_required(Can::Edit, ARTICLES)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::reader(handler), 403);
    assert_eq!(probe::editor(handler), 200);
}
