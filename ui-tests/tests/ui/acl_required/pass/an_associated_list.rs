use crate::ui::probe;
use auth_runtime::{Acl, acl, acl_required};

trait Rules {
    const ACL: Acl;
}

struct Shelf<const N: usize>;

impl<const N: usize> Rules for Shelf<N> {
    const ACL: Acl = acl![(Allow, Group("editors"), ["edit"])];
}

#[acl_required("edit", <Shelf<3> as Rules>::ACL)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 403);
    assert_eq!(probe::editor(handler), 200);
}
