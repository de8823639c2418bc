//! Export and import of all articles, which take a while and show their progress.

mod export;
mod import;
mod transfer;

use auth_runtime::{
    acl_required,
    guarded::{Router, get, post},
};
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use transfer::{Progress, Transfer};

use crate::{
    error::Failure,
    pages::frame::Frame,
    roles::{Can, NEWSROOM},
    state::Newsroom,
};

pub(crate) fn routes() -> Router<Newsroom> {
    Router::new()
        .route("/transfers", get(page))
        .route("/transfers/export", post(export::begin))
        .route("/transfers/import", post(import::begin))
        .route("/transfers/{id}", get(progress))
        .route("/transfers/{id}/file", get(file))
}

/// One article in a file.
#[derive(Debug, serde::Deserialize, serde::Serialize)]
struct Exported {
    id: String,
    title: String,
    body: String,
}

#[acl_required(Can::Transfer, NEWSROOM)]
async fn page(frame: Frame) -> Response {
    let content = html! {
        h1 { "Export and import" }
        form.card method="post" action="/transfers/export" {
            p { "All articles, as a JSON file." }
            button.primary { "Export" }
        }
        form.card method="post" action="/transfers/import" {
            label for="articles" { "Articles to import, as JSON" }
            textarea #articles name="articles" rows="8" required aria-describedby="articles-hint" {}
            p.hint #articles-hint { "They become drafts of yours. Those whose id exists are left out." }
            button { "Import" }
        }
    };
    frame.page("Export and import", &content)
}

/// Shows how far it is. With scripts, only the progress is exchanged; without, the page loads again by
/// itself.
#[acl_required(Can::Transfer, NEWSROOM)]
#[acl_required(Can::Transfer, transfer)]
async fn progress(transfer: Transfer, frame: Frame) -> Response {
    let content = html! {
        h1 { (transfer.heading()) }
        (bar(&transfer))
        p { a href="/transfers" { "Back" } }
    };
    let page = frame.page(transfer.heading(), &content);
    if transfer.state() == Progress::Running { ([("refresh", "5")], page).into_response() } else { page }
}

fn bar(transfer: &Transfer) -> Markup {
    let path = format!("/transfers/{}", transfer.id);
    let is_running = transfer.state() == Progress::Running;
    html! {
        div #transfer role="status" hx-get=[is_running.then_some(&path)]
            hx-trigger=[is_running.then_some("every 500ms")] hx-select="#transfer" hx-swap="outerHTML" {
            p {
                label for="bar" { (transfer.done) " of " (transfer.total) " articles" }
                progress #bar value=(transfer.done) max=(transfer.total.max(1)) {}
            }
            @match transfer.state() {
                Progress::Running => p { "It goes on while you do something else." },
                Progress::Done if transfer.is_export() => {
                    p { a.button.primary href={ (path) "/file" } download { "Download" } }
                }
                Progress::Done => p { "Done. " (transfer.result) },
                Progress::Failed => p.error { "It failed. " (transfer.result) },
            }
        }
    }
}

#[acl_required(Can::Transfer, NEWSROOM)]
#[acl_required(Can::Transfer, transfer)]
async fn file(transfer: Transfer) -> Result<impl IntoResponse, Failure> {
    if !transfer.is_export() || transfer.state() != Progress::Done {
        return Err(Failure::Missing);
    }
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"articles.json\""),
    ];
    Ok((headers, transfer.result))
}
