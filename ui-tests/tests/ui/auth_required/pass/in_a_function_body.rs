use crate::ui::probe;
use auth_runtime::auth_required;

pub(crate) fn main() {
    #[auth_required]
    async fn handler() {}

    assert_eq!(probe::nobody(handler), 401);
}
