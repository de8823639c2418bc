use crate::ui::probe;
use auth_runtime::auth_required as members_only;

#[members_only]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
