use crate::ui::probe;
use auth_runtime::auth_required;

#[auth_required]
async fn handler() -> String {
    #[auth_required]
    async fn handler() {}
    const LIMIT: usize = 7;
    format!("{LIMIT} {}", size_of_val(&handler))
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
