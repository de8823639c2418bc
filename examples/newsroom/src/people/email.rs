//! Change of the e-mail address, which the new address confirms by a one-time link.

use auth_runtime::{CurrentUser, UserId, allow_anonymous, auth_required};
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};

use super::{
    impersonate::OwnAccount,
    password::{ByLink, bad_link},
    person::{Person, normal_email},
    register::{is_address, is_taken},
};
use crate::{
    error::Failure,
    mail::{Mail, link::Purpose},
    pages::frame::Frame,
    state::Newsroom,
};

/// A link to change an address.
#[derive(serde::Deserialize, serde::Serialize)]
pub(crate) struct Change {
    person: String,
    revision: i64,
    email: String,
}

impl Purpose for Change {
    const NAME: &'static str = "newsroom/e-mail-change";
    const PATH: &'static str = "/account/email/confirm";
}

#[derive(serde::Deserialize)]
pub(crate) struct NewAddress {
    email: String,
}

const TITLE: &str = "Change your e-mail address";

fn form(typed: &str, fault: Option<&str>) -> Markup {
    html! {
        h1 { (TITLE) }
        @if let Some(fault) = fault { p.error role="alert" { (fault) } }
        form.card method="post" {
            label for="email" { "New e-mail address" }
            input #email name="email" type="email" value=(typed) autocomplete="email" required;
            button.primary { "Send a link there" }
        }
    }
}

/// A step-up, as for the password: who has the address can set a new one.
#[auth_required(fresh = "10m")]
pub(crate) async fn page(_: OwnAccount, frame: Frame) -> Response {
    frame.page(TITLE, &form("", None))
}

/// Responds alike whether another person has the address (user enumeration).
#[auth_required(fresh = "10m", limit = "20/1h")]
pub(crate) async fn ask(
    _: OwnAccount,
    user: UserId,
    person: CurrentUser<Person>,
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Form(new): Form<NewAddress>,
) -> Result<Response, Failure> {
    if !is_address(&new.email) {
        let page = frame.page(TITLE, &form(&new.email, Some("This is not an e-mail address.")));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let email = normal_email(&new.email);
    let change = Change { person: user.to_string(), revision: person.revision, email: email.clone() };
    let link = newsroom.links.address(newsroom.now(), change)?;
    let text = if is_taken(&newsroom, &email).await? {
        "A person wanted to use this address for another account. You need not do anything.".to_owned()
    } else {
        format!("Confirm your new address here:\n{link}")
    };
    newsroom.mail.send(Mail { to: email, subject: "Your new address", text });
    let content = html! { h1 { (TITLE) } p { "We have sent a message to the new address, with a link." } };
    Ok(frame.page(TITLE, &content))
}

#[allow_anonymous(reason = "the link says who it is")]
pub(crate) async fn confirm_page(
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Query(query): Query<ByLink>,
) -> Response {
    let Some(change) = newsroom.links.open::<Change>(newsroom.now(), &query.link) else {
        return bad_link(&frame);
    };
    let content = html! {
        h1 { (TITLE) }
        form.card method="post" {
            input type="hidden" name="link" value=(query.link);
            p { "Your account shall have the address " strong { (change.email) } "." }
            button.primary { "Confirm" }
        }
    };
    frame.page(TITLE, &content)
}

#[allow_anonymous(reason = "the link says who it is", limit = "20/1h")]
pub(crate) async fn confirm(
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Form(form): Form<ByLink>,
) -> Result<Response, Failure> {
    let Some(change) = newsroom.links.open::<Change>(newsroom.now(), &form.link) else {
        return Ok(bad_link(&frame));
    };
    let before: Option<(String,)> = sqlx::query_as("SELECT email FROM people WHERE id = $1")
        .bind(&change.person)
        .fetch_optional(&newsroom.store.pool)
        .await?;
    // Another person may have taken the address since the link was sent.
    let changed = sqlx::query(
        "UPDATE people SET email = $1, revision = revision + 1 WHERE id = $2 AND revision = $3 \
         AND NOT EXISTS (SELECT 1 FROM people AS other WHERE other.email = $1)",
    )
    .bind(&change.email)
    .bind(&change.person)
    .bind(change.revision)
    .execute(&newsroom.store.pool)
    .await;
    let changed = match changed {
        Ok(changed) => changed.rows_affected() == 1,
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => false,
        Err(error) => return Err(error.into()),
    };
    if !changed {
        return Ok(bad_link(&frame));
    }
    if let Some((email,)) = before {
        newsroom.mail.send(Mail {
            to: email,
            subject: "Your address has changed",
            text: "Your account has another address now. If you did not do this, write to support."
                .to_owned(),
        });
    }
    Ok(Redirect::to("/account?done=email-changed").into_response())
}
