use crate::ui::probe;
use auth_runtime::{Acl, Refusal, acl, acl_required};
use axum::http::StatusCode;

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"]), (Allow, Group("authors"), ["write"]),];

fn teapot(_: &Refusal) -> StatusCode {
    StatusCode::IM_A_TEAPOT
}

#[acl_required("edit", ARTICLES, refusal = teapot)]
#[acl_required("write", ARTICLES, hide)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 418);
    assert_eq!(probe::member(["authors"], handler), 418);
    assert_eq!(probe::member(["editors"], handler), 404);
    assert_eq!(probe::member(["editors", "authors"], handler), 200);
}
