//! What every page shows of its request: who is logged in, where they may go, and what has just happened:
//! [`Frame`].

use std::sync::Arc;

use auth_runtime::{Auth, AuthError, CurrentUser};
use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{Html, IntoResponse as _, Response},
};
use maud::{Markup, html};

use super::{layout::layout, notice::Notice};
use crate::{
    people::person::Person,
    roles::{Can, NEWSROOM},
    state::Newsroom,
};

/// The frame of a page; an argument of each handler that responds with one.
pub(crate) struct Frame {
    person: Option<Arc<Person>>,
    may_operate: bool,
    may_write: bool,
    notice: Option<Notice>,
}

impl FromRequestParts<Newsroom> for Frame {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Newsroom) -> Result<Self, Response> {
        let auth = Auth::from_request_parts(parts, state).await?;
        let person = <Option<CurrentUser<Person>>>::from_request_parts(parts, state).await?;
        Self::of(&auth, person, parts.uri.query()).await.map_err(AuthError::into_response)
    }
}

impl Frame {
    async fn of(
        auth: &Auth,
        person: Option<CurrentUser<Person>>,
        query: Option<&str>,
    ) -> Result<Self, AuthError> {
        Ok(Self {
            person: person.map(|CurrentUser(person)| person),
            may_operate: auth.permits(Can::Operate, NEWSROOM).await?,
            may_write: auth.permits(Can::Write, NEWSROOM).await?,
            notice: Notice::of(query),
        })
    }

    /// Returns the page with this title and content.
    pub(crate) fn page(&self, title: &str, content: &Markup) -> Response {
        let content = html! {
            // Announced when it changes, so it is always there.
            div.notice role="status" aria-live="polite" {
                @if let Some(notice) = self.notice { p { (notice.text()) } }
            }
            (content)
        };
        Html(layout(title, &html! {}, &self.menu(), &content).into_string()).into_response()
    }

    fn menu(&self) -> Markup {
        html! {
            nav aria-label="Main" {
                a href="/" { "News" }
                @if self.may_write {
                    a href="/desk" { "Desk" }
                    a href="/articles/new" { "Write" }
                }
                @if self.may_operate { a href="/operators" { "Operators" } }
                @match &self.person {
                    Some(person) => {
                        a href="/account" { (person.name) }
                        form method="post" action="/logout" { button { "Log out" } }
                    }
                    None => a href="/login" { "Log in" },
                }
            }
        }
    }
}
