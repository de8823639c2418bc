//! The access table as a page.

use auth_runtime::{access::Access, acl_required};
use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::{Markup, html};

use crate::{
    error::Failure,
    pages::frame::Frame,
    roles::{Can, NEWSROOM, NEWSROOM_NEXT},
    state::Newsroom,
};

#[derive(serde::Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

#[acl_required(Can::Operate, NEWSROOM, shadow = NEWSROOM_NEXT)]
pub(super) async fn page(
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Query(search): Query<Search>,
) -> Result<Response, Failure> {
    let table = newsroom.dashboard.access().ok_or(Failure::Unavailable)?;
    let wanted = search.q.to_lowercase();
    let rows: Vec<_> = table
        .rows()
        .iter()
        .filter(|row| format!("{} {}", row.name(), row.guard()).to_lowercase().contains(&wanted))
        .collect();
    let content = html! {
        h1 { "Who may call what" }
        form.card method="get" role="search" {
            label for="q" { "Route, permission or list" }
            input #q name="q" type="search" value=(search.q);
            button { "Search" }
        }
        p role="status" { (rows.len()) " of " (table.rows().len()) " routes" }
        div.wide tabindex="0" role="region" aria-labelledby="caption" {
            table {
                caption #caption { "Routes, their guards, and who passes" }
                thead {
                    tr {
                        th scope="col" { "Route" }
                        th scope="col" { "Guard" }
                        @for caller in table.callers() { th scope="col" { (caller) } }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { (row.name()) }
                            td { (row.guard()) }
                            @for cell in row.cells() { (decision(cell.access(), &cell.to_string())) }
                        }
                    }
                }
            }
        }
    };
    Ok(frame.page("Who may call what", &content))
}

/// The text says it; the colour only helps.
fn decision(access: Access, text: &str) -> Markup {
    match access {
        Access::Allowed => html! { td.good { (text) } },
        Access::Refused(_) => html! { td.bad { (text) } },
        _ => html! { td { (text) } },
    }
}
