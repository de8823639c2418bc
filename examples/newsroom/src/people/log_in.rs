//! Log-in with a password, and the page that offers it next to the providers.

use auth_runtime::{Auth, AuthError, CurrentUser, LocalPath, allow_anonymous, identity::Password};
use axum::{
    Form,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};

use super::person::{Person, normal_email};
use crate::{
    error::Failure,
    pages::{frame::Frame, resume},
    state::Newsroom,
};

/// What leads to the page: the library's redirect, with the target and what a guard requires of the log-in.
#[derive(Default, serde::Deserialize)]
pub(crate) struct Wish {
    next: Option<LocalPath>,
    max_age: Option<u64>,
}

#[derive(serde::Deserialize)]
pub(crate) struct Login {
    email: String,
    password: String,
    next: Option<LocalPath>,
    /// A form that was sent when the session had ended, and where it was sent
    kept: Option<String>,
    kept_to: Option<LocalPath>,
}

#[derive(sqlx::FromRow)]
struct Stored {
    id: String,
    password: Option<String>,
}

#[allow_anonymous(reason = "people log in here")]
pub(crate) async fn page(
    frame: Frame,
    person: Option<CurrentUser<Person>>,
    State(newsroom): State<Newsroom>,
    wish: Result<Query<Wish>, QueryRejection>,
) -> Response {
    let wish = wish.map(|Query(wish)| wish).unwrap_or_default();
    let form = LoginForm {
        email: person.as_deref().map_or("", |person| &person.email),
        is_step_up: person.is_some() && wish.max_age.is_some(),
        max_age: wish.max_age,
        next: wish.next.as_ref(),
        kept: None,
        error: None,
    };
    frame.page("Log in", &form.html(&newsroom))
}

#[allow_anonymous(reason = "people log in here")]
pub(crate) async fn log_in(
    auth: Auth,
    frame: Frame,
    person: Option<CurrentUser<Person>>,
    State(newsroom): State<Newsroom>,
    Form(login): Form<Login>,
) -> Result<Response, Failure> {
    let email = normal_email(&login.email);
    let attempt = auth.begin_log_in(&email).await?;
    let stored: Option<Stored> =
        sqlx::query_as("SELECT id, password FROM people WHERE email = $1 AND blocked IS NULL")
            .bind(&email)
            .fetch_optional(&newsroom.store.pool)
            .await?;
    let hash = stored.as_ref().and_then(|stored| stored.password.as_deref());
    // An unknown address costs the same work (timing attack, user enumeration).
    let is_match = match Password::new(login.password) {
        Ok(password) => newsroom.passwords.verify(&password, hash).await.map_err(AuthError::from)?.is_match(),
        Err(_) => false,
    };
    let Some(stored) = stored.filter(|_| is_match) else {
        let form = LoginForm {
            email: &login.email,
            is_step_up: person.is_some(),
            max_age: None,
            next: login.next.as_ref(),
            kept: login.kept.as_deref().zip(login.kept_to.as_ref()),
            error: Some("This address and this password do not belong together."),
        };
        let page = frame.page("Log in", &form.html(&newsroom));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    attempt.succeed().await?;
    auth.remember(&stored.id).await?;
    if let (Some(kept), Some(to)) = (login.kept, login.kept_to) {
        return Ok(resume::again(&to, &kept));
    }
    Ok(Redirect::to(login.next.unwrap_or_default().as_str()).into_response())
}

/// The forms of the page.
struct LoginForm<'a> {
    email: &'a str,
    is_step_up: bool,
    max_age: Option<u64>,
    next: Option<&'a LocalPath>,
    kept: Option<(&'a str, &'a LocalPath)>,
    error: Option<&'static str>,
}

impl LoginForm<'_> {
    fn html(&self, newsroom: &Newsroom) -> Markup {
        html! {
            h1 { @if self.is_step_up { "Confirm that it is you" } @else { "Log in" } }
            @if self.is_step_up {
                p { "The page that you want to open asks for a log-in that is not older than some minutes." }
            }
            @if let Some(error) = self.error { p.error role="alert" { (error) } }
            form.card method="post" action="/login" {
                @if let Some(next) = self.next { input type="hidden" name="next" value=(next); }
                @if let Some((kept, to)) = self.kept {
                    input type="hidden" name="kept" value=(kept);
                    input type="hidden" name="kept_to" value=(to);
                }
                label for="email" { "E-mail address" }
                input #email name="email" type="email" value=(self.email) autocomplete="username" required
                    autofocus[!self.is_step_up];
                label for="password" { "Password" }
                input #password name="password" type="password" autocomplete="current-password" required
                    autofocus[self.is_step_up];
                button.primary { "Log in" }
            }
            p {
                a href="/password/forgotten" { "Forgotten password" } " · "
                a href="/register" { "Register" }
            }
            @for way in newsroom.ways.buttons() {
                form method="post" action=(self.action(way.action())) {
                    @if let Some(next) = self.next { input type="hidden" name="next" value=(next); }
                    button { "Continue with " (way.label()) }
                }
            }
        }
    }

    /// Adds what a guard requires, so that the provider asks the user again.
    fn action(&self, path: &str) -> String {
        match self.max_age {
            Some(seconds) => format!("{path}?max_age={seconds}"),
            None => path.to_owned(),
        }
    }
}
