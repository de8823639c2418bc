use crate::ui::probe;
use auth_runtime::auth_required;
use axum::{extract::Path, http::HeaderMap};

#[auth_required]
async fn handler(Path(id): Path<u64>, headers: HeaderMap, body: String) -> String {
    format!("{id} {} {body}", headers.len())
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
