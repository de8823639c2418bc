use crate::ui::probe;
use auth_runtime::auth_required;
use axum::{extract::Path, http::StatusCode};

#[auth_required]
async fn handler(Path(id): Path<u64>) -> Result<String, StatusCode> {
    let half = id.checked_div(2).ok_or(StatusCode::NOT_FOUND)?;
    Ok(half.to_string())
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
