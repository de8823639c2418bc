use crate::ui::probe;
use auth_runtime::{Permission, auth_required, permission_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[auth_required]
/// Documented.
#[tracing_attributes::instrument]
#[cfg_attr(true, auth_required)]
#[must_use]
#[permission_required(Can::Edit)]
#[auth_required]
async fn handler(body: String) -> String {
    body
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_ne!(probe::reader(handler), 200);
}
