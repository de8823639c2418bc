//! What changes when the rules that run in the shadow decide.

use auth_runtime::acl_required;
use axum::{extract::State, response::Response};
use maud::html;

use crate::{
    error::Failure,
    pages::frame::Frame,
    roles::{Can, NEWSROOM, NEWSROOM_NEXT},
    state::Newsroom,
};

#[acl_required(Can::Operate, NEWSROOM, shadow = NEWSROOM_NEXT)]
pub(super) async fn page(frame: Frame, State(newsroom): State<Newsroom>) -> Result<Response, Failure> {
    let table = newsroom.dashboard.access().ok_or(Failure::Unavailable)?;
    let changes: Vec<String> = table.shadow_changes().map(|change| change.to_string()).collect();
    let differences = newsroom.dashboard.metrics.lines_of("auth_shadow_differences_total");
    let content = html! {
        h1 { "The next rules" }
        p {
            "Some guards ask a second list, which decides nothing. This is what changes when it takes the place of \
             the first."
        }
        @if changes.is_empty() { p { "Nothing changes." } }
        ul { @for change in &changes { li { (change) } } }
        h2 { "Seen so far" }
        p { "Requests to this instance for which the two lists differ:" }
        @if differences.is_empty() { p { "None." } }
        ul { @for line in &differences { li { code { (line) } } } }
    };
    Ok(frame.page("The next rules", &content))
}
