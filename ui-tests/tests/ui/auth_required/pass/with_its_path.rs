use crate::ui::probe;

#[auth_runtime::auth_required]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
