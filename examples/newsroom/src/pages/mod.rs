//! Pages: their frame, their errors, their headers, and the files that they use.

mod assets;
pub(crate) mod errors;
pub(crate) mod frame;
pub(crate) mod headers;
mod layout;
mod notice;
pub(crate) mod resume;
pub(crate) mod time;

use auth_runtime::guarded::{Router, get};

use crate::state::Newsroom;

pub(crate) fn routes() -> Router<Newsroom> {
    Router::new()
        .route("/assets/style.css", get(assets::style))
        .route("/assets/feed.js", get(assets::feed))
        .route("/assets/htmx.min.js", get(assets::htmx))
        .fallback(errors::missing)
}
