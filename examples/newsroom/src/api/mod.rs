//! The JSON API: the same articles, rules and comments as the pages, for programs with a key of a person.
//!
//! Each route requires a scope of the key, and then what the rules say about the key's owner: a key never gives more
//! than its owner has. A session has no scopes, so that a browser's cookie opens nothing here (CSRF). Keys are read
//! under `/api/` only, so that they open no page.

mod articles;
mod comments;
mod identity;
pub(crate) mod keys;
mod keys_page;
pub(crate) mod problem;

use auth_runtime::guarded::{Router, delete, get, post};
pub(crate) use identity::policy;

use crate::state::Newsroom;

/// What the paths of the API begin with.
pub(crate) const PREFIX: &str = "/api/";

pub(crate) fn routes() -> Router<Newsroom> {
    Router::new()
        .route("/api/articles", get(articles::list).post(articles::create))
        .route("/api/articles/{id}", get(articles::read).put(articles::save))
        .route("/api/articles/{id}/submit", post(articles::submit))
        .route("/api/articles/{id}/send-back", post(articles::send_back))
        .route("/api/articles/{id}/publish", post(articles::publish))
        .route("/api/articles/{id}/comments", get(comments::list).post(comments::add))
        .route("/api/articles/{id}/comments/{comment}", delete(comments::remove))
        .route("/account/keys", get(keys_page::page).post(keys_page::create))
        .route("/account/keys/{id}/revoke", post(keys_page::revoke))
}
