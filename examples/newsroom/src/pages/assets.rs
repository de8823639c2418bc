//! Files of the pages, which are part of the program.

use auth_runtime::allow_anonymous;
use axum::{http::header, response::IntoResponse};

const STYLE: &str = include_str!("../../static/style.css");
/// htmx 2, from the npm package `htmx.org`; its licence is beside it.
const HTMX: &str = include_str!("../../static/htmx.min.js");

const FEED: &str = include_str!("../../static/feed.js");

const CACHE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=3600");

#[allow_anonymous(reason = "every page needs it")]
pub(crate) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), CACHE], STYLE)
}

#[allow_anonymous(reason = "every page needs it")]
pub(crate) async fn htmx() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), CACHE], HTMX)
}

#[allow_anonymous(reason = "every page needs it")]
pub(crate) async fn feed() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), CACHE], FEED)
}
