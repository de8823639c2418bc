use crate::ui::probe;
use auth_runtime::auth_required;

#[auth_required]
pub async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
