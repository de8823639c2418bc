//! Passwords: changed by a person who is logged in, and set anew by a one-time link.

use auth_runtime::{
    Auth, AuthError, CurrentUser, Identity, LoginOptions, UserId, allow_anonymous, auth_required,
    identity::Password,
};
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};

use super::{
    devices,
    impersonate::OwnAccount,
    person::{Person, normal_email},
};
use crate::{
    api::keys,
    error::Failure,
    mail::{Mail, link::Purpose},
    pages::frame::Frame,
    state::Newsroom,
};

/// The fewest characters of a new password.
const FEWEST: usize = 12;

/// A link to set a new password.
#[derive(serde::Deserialize, serde::Serialize)]
pub(crate) struct Reset {
    person: String,
    revision: i64,
}

impl Purpose for Reset {
    const NAME: &'static str = "newsroom/password-reset";
    const PATH: &'static str = "/password/reset";
}

/// The query of a page that a link leads to.
#[derive(serde::Deserialize)]
pub(crate) struct ByLink {
    pub(super) link: String,
}

#[derive(serde::Deserialize)]
pub(crate) struct Address {
    email: String,
}

#[derive(serde::Deserialize)]
pub(crate) struct NewPassword {
    pub(super) password: String,
    #[serde(default)]
    pub(super) link: String,
}

/// Returns the hash of a new password; what is wrong with it otherwise.
pub(super) async fn hash(newsroom: &Newsroom, typed: String) -> Result<Result<String, String>, Failure> {
    if typed.chars().count() < FEWEST {
        return Ok(Err(format!("A password has at least {FEWEST} characters.")));
    }
    let Ok(password) = Password::new(typed) else {
        return Ok(Err("This password is too long.".to_owned()));
    };
    Ok(Ok(newsroom.passwords.hash(&password).await.map_err(AuthError::from)?))
}

/// Returns the form for a new password. The link is that of the page, if one leads there.
pub(super) fn form(action: &str, link: &str, fault: Option<&str>) -> Markup {
    html! {
        @if let Some(fault) = fault { p.error role="alert" { (fault) } }
        form.card method="post" action=(action) {
            @if !link.is_empty() { input type="hidden" name="link" value=(link); }
            label for="password" { "New password" }
            input #password name="password" type="password" autocomplete="new-password" required
                minlength=(FEWEST) aria-describedby="rule";
            p.hint #rule { "At least " (FEWEST) " characters. A sentence is a good password." }
            button.primary { "Set the password" }
        }
    }
}

fn page(frame: &Frame, title: &str, form: &Markup) -> Response {
    frame.page(title, &html! { h1 { (title) } (form) })
}

/// Returns the page about a link that is not good.
pub(super) fn bad_link(frame: &Frame) -> Response {
    let content = html! {
        h1 { "This link does not work" }
        p { "A link works once and for an hour. Ask for another one." }
        p { a href="/password/forgotten" { "Forgotten password" } " · " a href="/register" { "Register" } }
    };
    (StatusCode::GONE, frame.page("This link does not work", &content)).into_response()
}

const CHANGE: &str = "Change your password";
const FORGOTTEN: &str = "Forgotten password";
const RESET: &str = "Set a new password";

/// A step-up: a stolen session alone does not change the password.
#[auth_required(fresh = "10m")]
pub(crate) async fn change_page(_: OwnAccount, frame: Frame) -> Response {
    page(&frame, CHANGE, &form("/account/password", "", None))
}

#[auth_required(fresh = "10m")]
pub(crate) async fn change(
    _: OwnAccount,
    (auth, user): (Auth, UserId),
    person: CurrentUser<Person>,
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Form(new): Form<NewPassword>,
) -> Result<Response, Failure> {
    let hash = match hash(&newsroom, new.password).await? {
        Ok(hash) => hash,
        Err(fault) => {
            let page = page(&frame, CHANGE, &form("/account/password", "", Some(&fault)));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    sqlx::query("UPDATE people SET password = $1, revision = revision + 1 WHERE id = $2")
        .bind(hash)
        .bind(user.as_str())
        .execute(&newsroom.store.pool)
        .await?;
    keys::revoke_all(&newsroom.store, user.as_str(), newsroom.now()).await?;
    auth.log_out_elsewhere(&LoginOptions::new()).await?;
    devices::end_sessions_elsewhere(&auth, &newsroom).await?;
    tell(&newsroom, &person.email);
    Ok(Redirect::to("/account?done=password-changed").into_response())
}

/// Tells a person that the password has changed, who may not have done it.
fn tell(newsroom: &Newsroom, email: &str) {
    newsroom.mail.send(Mail {
        to: email.to_owned(),
        subject: "Your password has changed",
        text: "If you did not do this, set a new password by \"Forgotten password\".".to_owned(),
    });
}

#[allow_anonymous(reason = "a person without the password is anonymous")]
pub(crate) async fn forgotten_page(frame: Frame) -> Response {
    let form = html! {
        form.card method="post" {
            label for="email" { "E-mail address" }
            input #email name="email" type="email" autocomplete="username" required;
            button.primary { "Send me a link" }
        }
    };
    page(&frame, FORGOTTEN, &form)
}

/// Responds alike whether there is such a person (user enumeration).
#[allow_anonymous(reason = "a person without the password is anonymous", limit = "20/1h")]
pub(crate) async fn forgotten(
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Form(address): Form<Address>,
) -> Result<Response, Failure> {
    let email = normal_email(&address.email);
    let found: Option<(String, i64)> = sqlx::query_as("SELECT id, revision FROM people WHERE email = $1")
        .bind(&email)
        .fetch_optional(&newsroom.store.pool)
        .await?;
    if let Some((person, revision)) = found {
        let link = newsroom.links.address(newsroom.now(), Reset { person, revision })?;
        newsroom.mail.send(Mail {
            to: email,
            subject: RESET,
            text: format!("Set a new password here:\n{link}"),
        });
    }
    let content = html! {
        h1 { (FORGOTTEN) }
        p { "If there is an account with this address, a link is on its way." }
        p { "It works once, and for an hour." }
    };
    Ok(frame.page(FORGOTTEN, &content))
}

#[allow_anonymous(reason = "the link says who it is")]
pub(crate) async fn reset_page(
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Query(query): Query<ByLink>,
) -> Response {
    match newsroom.links.open::<Reset>(newsroom.now(), &query.link) {
        Some(_) => page(&frame, RESET, &form(Reset::PATH, &query.link, None)),
        None => bad_link(&frame),
    }
}

/// Sets the password, and ends all sessions: one of them may be the reason for the reset. It logs in no
/// person, so that a stolen link leaves a trace.
#[allow_anonymous(reason = "the link says who it is", limit = "20/1h")]
pub(crate) async fn reset(
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Form(new): Form<NewPassword>,
) -> Result<Response, Failure> {
    let Some(link) = newsroom.links.open::<Reset>(newsroom.now(), &new.link) else {
        return Ok(bad_link(&frame));
    };
    let hash = match hash(&newsroom, new.password).await? {
        Ok(hash) => hash,
        Err(fault) => {
            let page = page(&frame, RESET, &form(Reset::PATH, &new.link, Some(&fault)));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let changed = sqlx::query(
        "UPDATE people SET password = $1, revision = revision + 1 WHERE id = $2 AND revision = $3",
    )
    .bind(hash)
    .bind(&link.person)
    .bind(link.revision)
    .execute(&newsroom.store.pool)
    .await?;
    if changed.rows_affected() == 0 {
        return Ok(bad_link(&frame));
    }
    let identity = Identity::new(&link.person).map_err(AuthError::from)?;
    devices::end_everything(&newsroom, &identity).await?;
    Ok(Redirect::to("/login?done=password-changed").into_response())
}
