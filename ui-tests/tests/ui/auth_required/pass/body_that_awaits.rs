use crate::ui::probe;
use auth_runtime::auth_required;

#[auth_required]
async fn handler() -> String {
    std::future::ready(7).await.to_string()
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
