use crate::ui::probe;
use auth_runtime::Refusal;
use auth_runtime::auth_required;
use axum::http::StatusCode;

fn teapot(_: &Refusal) -> StatusCode {
    StatusCode::IM_A_TEAPOT
}

#[auth_required(crate = ::auth_runtime, refusal = teapot, hide)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 418);
}
