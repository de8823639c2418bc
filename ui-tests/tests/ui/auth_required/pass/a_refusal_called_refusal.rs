use crate::ui::probe;
use auth_runtime::Refusal;
use auth_runtime::auth_required;
use axum::http::StatusCode;

fn refusal(_: &Refusal) -> StatusCode {
    StatusCode::IM_A_TEAPOT
}

#[auth_required(refusal = refusal,)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 418);
}
