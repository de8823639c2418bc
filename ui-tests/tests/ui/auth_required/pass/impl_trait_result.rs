use crate::ui::probe;
use auth_runtime::auth_required;
use axum::response::IntoResponse;

#[auth_required]
async fn handler() -> impl IntoResponse + use<> {
    "profile"
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
