//! What every page shows of its request: who is logged in, where they may go, and what has just happened:
//! [`Frame`].

use std::sync::Arc;

use auth_runtime::{Auth, AuthError, CurrentUser, UserId};
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

/// The menu: a link for those who have one of the permissions.
const MENU: [(&str, &str, &[Can]); 6] = [
    ("/desk", "Desk", &[Can::Write]),
    ("/articles/new", "Write", &[Can::Write]),
    ("/feed", "Live", &[Can::Follow]),
    ("/transfers", "Export", &[Can::Transfer]),
    ("/people", "People", &[Can::ManagePeople, Can::Impersonate]),
    ("/operators", "Operators", &[Can::Operate]),
];

/// The frame of a page; an argument of each handler that responds with one.
pub(crate) struct Frame {
    person: Option<Arc<Person>>,
    /// The supporter who acts in this person's name
    actor: Option<UserId>,
    /// Paths and labels
    links: Vec<(&'static str, &'static str)>,
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
        let mut links = Vec::new();
        for (path, label, permissions) in MENU {
            for can in permissions {
                if auth.permits(can, NEWSROOM).await? {
                    links.push((path, label));
                    break;
                }
            }
        }
        Ok(Self {
            person: person.map(|CurrentUser(person)| person),
            actor: auth.actor().await?,
            links,
            notice: Notice::of(query),
        })
    }

    /// Returns the page with this title and content.
    pub(crate) fn page(&self, title: &str, content: &Markup) -> Response {
        let content = html! {
            // Announced when it changes, so it is always there.
            div.notice #notice role="status" aria-live="polite" {
                @if let Some(notice) = self.notice { p { (notice.text()) } }
            }
            (content)
        };
        Html(layout(title, &self.banner(), &self.menu(), &content).into_string()).into_response()
    }

    /// Says on every page that support acts in another person's name.
    fn banner(&self) -> Markup {
        html! {
            @if let (Some(person), Some(actor)) = (&self.person, &self.actor) {
                div.banner role="region" aria-label="Impersonation" {
                    p { strong { (actor) } " acts as " strong { (person.name) } "." }
                    form method="post" action="/impersonation/end" { button { "End" } }
                }
            }
        }
    }

    fn menu(&self) -> Markup {
        html! {
            nav aria-label="Main" {
                a href="/" { "News" }
                @for (path, label) in &self.links { a href=(path) { (label) } }
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
