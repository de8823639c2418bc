use crate::ui::probe;
use auth_runtime::auth_required;

mod pages {
    use auth_runtime::Refusal;
    use axum::http::StatusCode;

    pub fn teapot(_: &Refusal) -> StatusCode {
        StatusCode::IM_A_TEAPOT
    }
}

#[auth_required(refusal = pages::teapot)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 418);
}
