use crate::ui::probe;
use auth_runtime::{Acl, Permission, acl, acl_required};

#[derive(Clone, Copy, Permission)]
enum P0 {
    T0,
}

const RULES: P0 = P0::T0;
const CONTEXT: Acl = acl![(Allow, Group("editors"), [RULES])];
const SPEC: Acl = CONTEXT;

#[acl_required(any(RULES, P0::T0), SPEC)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::editor(handler), 200);
}
