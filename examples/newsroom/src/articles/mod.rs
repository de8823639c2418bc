//! Articles: written as drafts, reviewed by editors, published now or later.

mod article;
mod co_authors;
mod desk;
mod front_page;
mod list;
mod read;
mod review;
mod row_rules;
mod stage;
mod write;

pub(crate) use article::Article;
pub(crate) use article::find;
use auth_runtime::guarded::{Router, get, post};
pub(crate) use list::{Cursor, Line, visible};
pub(crate) use review::advance;
pub(crate) use stage::Stage;
pub(crate) use write::{begin, fault, replace};

use crate::state::Newsroom;

pub(crate) fn routes() -> Router<Newsroom> {
    Router::new()
        .route("/", get(front_page::page))
        .route("/desk", get(desk::page))
        .route("/articles/new", get(write::empty).post(write::create))
        .route("/articles/{id}", get(read::page))
        .route("/articles/{id}/edit", get(write::form).post(write::save))
        .route("/articles/{id}/co-authors", post(co_authors::add))
        .route("/articles/{id}/co-authors/remove", post(co_authors::remove))
        .route("/articles/{id}/submit", post(review::submit))
        .route("/articles/{id}/send-back", post(review::send_back))
        .route("/articles/{id}/publish", post(review::publish))
}
