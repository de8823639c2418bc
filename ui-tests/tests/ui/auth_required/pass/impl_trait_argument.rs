use crate::ui::probe;
use auth_runtime::auth_required;
use axum::{extract::FromRequestParts, http::HeaderMap};
use std::convert::Infallible;

#[auth_required]
async fn handler(_: impl FromRequestParts<(), Rejection = Infallible> + Send) {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(|guard, headers: HeaderMap| handler(guard, headers)), 401);
}
