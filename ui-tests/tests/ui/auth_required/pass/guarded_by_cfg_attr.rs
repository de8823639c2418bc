use crate::ui::probe;
use auth_runtime::auth_required;

#[cfg_attr(true, auth_required)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
