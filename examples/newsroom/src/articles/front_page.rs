//! The front page: published articles.

use auth_runtime::{Auth, allow_anonymous};
use axum::{extract::State, response::Response};
use maud::html;

use super::list;
use crate::{
    error::Failure,
    pages::{frame::Frame, time},
    state::Newsroom,
};

#[allow_anonymous(reason = "news are for everyone; the query leaves out what has not appeared")]
pub(crate) async fn page(
    auth: Auth,
    frame: Frame,
    State(newsroom): State<Newsroom>,
) -> Result<Response, Failure> {
    let articles = list::published(&auth, &newsroom).await?;
    let now = newsroom.now();
    let content = html! {
        h1 { "News" }
        @if articles.is_empty() { p { "Nothing has appeared yet." } }
        ul.news {
            @for article in &articles {
                li {
                    h2 { a href={ "/articles/" (article.id) } { (article.title) } }
                    p {
                        small {
                            "by " (article.owner_name)
                            @if let Some(appears) = article.appears() {
                                ", " (time::time(appears))
                                @if appears > now { " " strong.stage { "embargo" } }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(frame.page("News", &content))
}
