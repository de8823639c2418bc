use crate::ui::probe;
use auth_runtime::auth_required;
use axum::http::HeaderMap;

#[auth_required]
async fn handler(#[cfg(true)] _headers: HeaderMap, #[cfg(false)] _never: NoSuchType) {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
