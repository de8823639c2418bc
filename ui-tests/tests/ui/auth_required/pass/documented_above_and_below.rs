use crate::ui::probe;
use auth_runtime::auth_required;

/// Above.
#[auth_required]
/// Below.
#[doc = "Further below."]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
