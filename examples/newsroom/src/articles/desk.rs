//! The desk: what is being worked on.

use auth_runtime::{Auth, acl_required};
use axum::{extract::State, response::Response};
use maud::html;

use super::{Stage, list};
use crate::{
    error::Failure,
    pages::{frame::Frame, time},
    roles::{Can, NEWSROOM},
    state::Newsroom,
};

const SECTIONS: [(Stage, &str); 3] = [
    (Stage::Draft, "Drafts"),
    (Stage::Review, "To be reviewed"),
    (Stage::Published, "Waiting for their time"),
];

#[acl_required(Can::Write, NEWSROOM)]
pub(crate) async fn page(
    auth: Auth,
    frame: Frame,
    State(newsroom): State<Newsroom>,
) -> Result<Response, Failure> {
    let articles = list::of_desk(&auth, &newsroom).await?;
    let content = html! {
        h1 { "Desk" }
        p.actions { a.button.primary href="/articles/new" { "Write an article" } }
        @for (stage, title) in SECTIONS {
            h2 { (title) }
            @let lines: Vec<_> = articles.iter().filter(|article| article.stage() == stage).collect();
            @if lines.is_empty() { p { "None." } }
            ul.rows {
                @for article in lines {
                    li {
                        a href={ "/articles/" (article.id) } { (article.title) }
                        small {
                            "by " (article.owner_name)
                            @if let Some(appears) = article.appears() { ", appears " (time::time(appears)) }
                        }
                    }
                }
            }
        }
    };
    Ok(frame.page("Desk", &content))
}
