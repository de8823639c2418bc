use crate::ui::probe;
use auth_runtime::{Acl, Refusal, acl, acl_required};
use axum::http::StatusCode;

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit", 7, -3]),
];

fn teapot(_: &Refusal) -> StatusCode {
    StatusCode::IM_A_TEAPOT
}

#[acl_required("edit", ARTICLES, refusal = teapot)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 418);
    assert_eq!(probe::reader(handler), 418);
    assert_eq!(probe::editor(handler), 200);
}
