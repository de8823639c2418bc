//! The live feed: what has just happened, as server-sent events that end when the right to them does.

mod source;

use std::convert::Infallible;

use auth_runtime::{
    Auth, AuthError, acl_required,
    guarded::{Router, get},
};
use axum::{
    extract::State,
    response::{
        Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, stream};
use maud::html;
pub(crate) use source::Feed;
use source::News;
use tokio::sync::broadcast::error::RecvError;

use crate::{
    error::Failure,
    pages::{frame::Frame, time},
    roles::{Can, NEWSROOM},
    state::Newsroom,
};

pub(crate) fn routes() -> Router<Newsroom> {
    Router::new().route("/feed", get(page)).route("/feed/events", get(events))
}

/// Shows the newest news, also without scripts; with scripts, further ones appear above them.
#[acl_required(Can::Follow, NEWSROOM)]
pub(crate) async fn page(frame: Frame, State(newsroom): State<Newsroom>) -> Result<Response, Failure> {
    let news = source::newest(&newsroom.store, newsroom.now()).await?;
    let content = html! {
        h1 { "Live feed" }
        p #feed-state role="status" { "Reload the page for newer ones." }
        ul.rows #feed aria-live="polite" {
            @for news in &news {
                li {
                    a href={ "/articles/" (news.article) } { (news.text()) }
                    small { (time::time(time::from_row(news.at))) }
                }
            }
        }
    };
    Ok(frame.page("Live feed", &content))
}

/// Each event has the text in its first line, and the article's id in its second.
#[acl_required(Can::Follow, NEWSROOM)]
pub(crate) async fn events(
    auth: Auth,
    State(newsroom): State<Newsroom>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, AuthError> {
    // Subscribe first, so that nothing is missed.
    let receiver = newsroom.feed.subscribe();
    let watch = auth.watch(Can::Follow, NEWSROOM).await?;
    let news = stream::unfold(receiver, async |mut receiver| {
        loop {
            match receiver.recv().await {
                Ok(news) => return Some((Ok(event(&news)), receiver)),
                // A slow client goes on with the newest ones.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    Ok(Sse::new(watch.guard(news)).keep_alive(KeepAlive::default()))
}

fn event(news: &News) -> Event {
    // A line end would begin another field.
    let text = news.text().replace(['\r', '\n'], " ");
    Event::default().data(format!("{text}\n{}", news.article))
}
