//! The page of one article.

use auth_runtime::{Auth, AuthError, acl_required, clock::UnixTime};
use axum::{extract::State, response::Response};
use maud::{Markup, html};

use super::{Stage, article::Article, co_authors};
use crate::{
    comments,
    error::Failure,
    pages::{frame::Frame, time},
    roles::Can,
    state::Newsroom,
};

/// Hidden from those who may not read it: that there is a draft is news, too.
#[acl_required(Can::View, article, anonymous, hide)]
pub(crate) async fn page(
    article: Article,
    auth: Auth,
    frame: Frame,
    State(newsroom): State<Newsroom>,
) -> Result<Response, Failure> {
    let tools = tools(&auth, &article, newsroom.now()).await?;
    let comments = comments::section(&auth, &newsroom, &article).await?;
    let row = &article.row;
    let content = html! {
        article {
            h1 { (row.title) }
            p {
                small {
                    "by " (row.owner_name)
                    @if let Some(appears) = row.appears() { ", " (time::time(appears)) }
                    @if !article.has_appeared { " " strong.stage { (state(&article)) } }
                }
            }
            @for paragraph in row.body.split("\n\n") { p { (paragraph) } }
        }
        (tools)
        (comments)
    };
    Ok(frame.page(&row.title, &content))
}

fn state(article: &Article) -> &'static str {
    match article.row.stage() {
        Stage::Draft => "draft",
        Stage::Review => "in review",
        Stage::Published => "embargo",
    }
}

/// Returns what the caller may do with the article.
async fn tools(auth: &Auth, article: &Article, now: UnixTime) -> Result<Markup, AuthError> {
    let may = async |can: Can| auth.permits(can, article).await;
    let stage = article.row.stage();
    let edit = may(Can::Edit).await?;
    let submit = stage == Stage::Draft && may(Can::Submit).await?;
    let send_back = stage == Stage::Review && may(Can::SendBack).await?;
    let share = stage == Stage::Draft && may(Can::Share).await?;
    let publish = stage == Stage::Review && may(Can::Publish).await?;
    let path = format!("/articles/{}", article.row.id);
    Ok(html! {
        @if edit || submit || send_back || publish {
            section.actions aria-label="What you can do with this article" {
                @if edit { a.button href={ (path) "/edit" } { "Edit" } }
                @if submit {
                    form method="post" action={ (path) "/submit" } { button.primary { "Hand to the editors" } }
                }
                @if send_back { form method="post" action={ (path) "/send-back" } { button { "Send back" } } }
                @if publish {
                    form method="post" action={ (path) "/publish" } {
                        label for="appears" { "Appears (UTC)" }
                        input #appears name="appears" type="datetime-local" required
                            value=(time::to_field(now));
                        button.primary { "Publish" }
                    }
                }
            }
        }
        @if share { (co_authors::forms(article)) }
    })
}
