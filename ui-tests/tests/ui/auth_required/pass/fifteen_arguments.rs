use crate::ui::probe;
use auth_runtime::auth_required;
use axum::http::HeaderMap;

#[auth_required]
async fn handler(
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
    _: HeaderMap,
) {
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
