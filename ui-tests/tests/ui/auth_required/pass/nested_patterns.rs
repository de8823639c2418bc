use crate::ui::probe;
use auth_runtime::auth_required;
use axum::{extract::Path, http::HeaderMap};

#[auth_required]
async fn handler(
    (Path(mut id), _): (Path<u64>, HeaderMap),
    axum::extract::RawQuery(query): axum::extract::RawQuery,
    _: HeaderMap,
) -> String {
    id += 1;
    format!("{id} {query:?}")
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
