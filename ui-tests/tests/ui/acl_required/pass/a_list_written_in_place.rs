use crate::ui::probe;
use auth_runtime::{acl, acl_required};

#[acl_required("view", acl![(Allow, Authenticated, ["view"])])]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 200);
    assert_eq!(probe::editor(handler), 200);
}
