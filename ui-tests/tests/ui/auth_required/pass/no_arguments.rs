use crate::ui::probe;
use auth_runtime::auth_required;

#[auth_required]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(handler), 200);
}
