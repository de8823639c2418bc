//! What operators see: who may call what, why a request was denied, what the next rules change, the audit log and
//! metrics.

mod access;
pub(crate) mod audit;
mod dashboard;
mod denied;
mod metrics;
mod next_rules;

use auth_runtime::{
    acl_required,
    guarded::{Router, get},
};
use axum::response::Response;
pub(crate) use dashboard::Dashboard;
use maud::html;

use crate::{
    pages::frame::Frame,
    roles::{Can, NEWSROOM, NEWSROOM_NEXT},
    state::Newsroom,
};

pub(crate) fn routes() -> Router<Newsroom> {
    Router::new()
        .route("/operators", get(page))
        .route("/operators/access", get(access::page))
        .route("/operators/denied", get(denied::page))
        .route("/operators/next-rules", get(next_rules::page))
        .route("/operators/audit", get(audit::page))
        .route("/metrics", get(metrics::text))
}

const PAGES: [(&str, &str, &str); 5] = [
    (
        "/operators/access",
        "Who may call what",
        "The access table: each route with its guard, for each kind of caller.",
    ),
    (
        "/operators/denied",
        "Why was this denied",
        "What the rules say about a person and an article, rule by rule.",
    ),
    ("/operators/next-rules", "The next rules", "What changes when the rules that run in the shadow decide."),
    ("/operators/audit", "Audit log", "The latest decisions, and whether the log is as it was written."),
    ("/metrics", "Metrics", "Counts for Prometheus."),
];

#[acl_required(Can::Operate, NEWSROOM, shadow = NEWSROOM_NEXT)]
async fn page(frame: Frame) -> Response {
    let content = html! {
        h1 { "Operators" }
        ul.news {
            @for (path, title, about) in PAGES {
                li { h2 { a href=(path) { (title) } } p { (about) } }
            }
        }
    };
    frame.page("Operators", &content)
}
