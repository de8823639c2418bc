//! Registration: an address is confirmed by a one-time link before there is an account.

use auth_runtime::allow_anonymous;
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};

use super::{
    password::{self, ByLink, NewPassword, bad_link},
    person::normal_email,
};
use crate::{
    Role,
    error::Failure,
    mail::{Mail, link::Purpose},
    pages::{frame::Frame, time},
    state::Newsroom,
    store::id::new_id,
};

/// The longest name and address, in characters.
const LONGEST: usize = 100;

/// A link to begin an account.
#[derive(serde::Deserialize, serde::Serialize)]
pub(crate) struct Begin {
    name: String,
    email: String,
}

impl Purpose for Begin {
    const NAME: &'static str = "newsroom/registration";
    const PATH: &'static str = "/register/confirm";
}

#[derive(Default, serde::Deserialize)]
pub(crate) struct Registration {
    name: String,
    email: String,
}

const REGISTER: &str = "Register";

impl Registration {
    fn page(&self, frame: &Frame, fault: Option<&str>) -> Response {
        let content = html! {
            h1 { (REGISTER) }
            @if let Some(fault) = fault { p.error role="alert" { (fault) } }
            form.card method="post" {
                label for="name" { "Name" }
                input #name name="name" value=(self.name) autocomplete="name" maxlength=(LONGEST) required;
                label for="email" { "E-mail address" }
                input #email name="email" type="email" value=(self.email) autocomplete="username"
                    maxlength=(LONGEST) required;
                button.primary { "Send me a link" }
            }
        };
        frame.page(REGISTER, &content)
    }

    fn fault(&self) -> Option<&'static str> {
        if self.name.trim().is_empty() || self.name.chars().count() > LONGEST {
            return Some("Write your name, with 100 characters at most.");
        }
        (!is_address(&self.email)).then_some("This is not an e-mail address.")
    }
}

/// Returns whether a message could be sent there; only the link proves that the address is the person's.
pub(super) fn is_address(email: &str) -> bool {
    let email = email.trim();
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;\"\\".contains(c);
    let parts = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    parts && email.chars().count() <= LONGEST && email.chars().all(is_plain)
}

#[allow_anonymous(reason = "people register here")]
pub(crate) async fn page(frame: Frame) -> Response {
    Registration::default().page(&frame, None)
}

/// Responds alike whether the address has an account (user enumeration): the mail says which.
#[allow_anonymous(reason = "people register here", limit = "20/1h")]
pub(crate) async fn register(
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Form(form): Form<Registration>,
) -> Result<Response, Failure> {
    if let Some(fault) = form.fault() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, form.page(&frame, Some(fault))).into_response());
    }
    let email = normal_email(&form.email);
    let begin = Begin { name: form.name.trim().to_owned(), email: email.clone() };
    let link = newsroom.links.address(newsroom.now(), begin)?;
    let text = if is_taken(&newsroom, &email).await? {
        "You have an account with this address already. If you have forgotten the password, set a new one by \
         \"Forgotten password\"."
            .to_owned()
    } else {
        format!("Welcome. Set a password here, and your account is ready:\n{link}")
    };
    newsroom.mail.send(Mail { to: email, subject: "Your account at the newsroom", text });
    let content = html! {
        h1 { (REGISTER) }
        p { "We have sent you a message. The link in it works once, and for an hour." }
    };
    Ok(frame.page(REGISTER, &content))
}

pub(super) async fn is_taken(newsroom: &Newsroom, email: &str) -> Result<bool, Failure> {
    let query = sqlx::query_as("SELECT id FROM people WHERE email = $1").bind(email);
    let found: Option<(String,)> = query.fetch_optional(&newsroom.store.pool).await?;
    Ok(found.is_some())
}

fn content(link: &str, fault: Option<&str>) -> Markup {
    html! { h1 { "Choose a password" } (password::form(Begin::PATH, link, fault)) }
}

#[allow_anonymous(reason = "the link says who it is")]
pub(crate) async fn confirm_page(
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Query(query): Query<ByLink>,
) -> Result<Response, Failure> {
    Ok(match newsroom.links.open::<Begin>(newsroom.now(), &query.link) {
        Some(begin) if !is_taken(&newsroom, &begin.email).await? => {
            frame.page(REGISTER, &content(&query.link, None))
        }
        _ => bad_link(&frame),
    })
}

#[allow_anonymous(reason = "the link says who it is", limit = "20/1h")]
pub(crate) async fn confirm(
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Form(new): Form<NewPassword>,
) -> Result<Response, Failure> {
    let Some(begin) = newsroom.links.open::<Begin>(newsroom.now(), &new.link) else {
        return Ok(bad_link(&frame));
    };
    let hash = match password::hash(&newsroom, new.password).await? {
        Ok(hash) => hash,
        Err(fault) => {
            let page = frame.page(REGISTER, &content(&new.link, Some(&fault)));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let added = sqlx::query(
        "INSERT INTO people (id, email, name, role, password, revision, created) \
         VALUES ($1, $2, $3, $4, $5, 0, $6) ON CONFLICT DO NOTHING",
    )
    .bind(new_id()?)
    .bind(&begin.email)
    .bind(&begin.name)
    .bind(Role::Reader.as_str())
    .bind(hash)
    .bind(time::to_row(newsroom.now()))
    .execute(&newsroom.store.pool)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(bad_link(&frame));
    }
    Ok(Redirect::to("/login?done=registered").into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_inject_a_header_is_not_an_address() {
        assert!(is_address(" Ada.Lovelace+news@newsroom.example "));
        for email in
            ["", "ada", "@newsroom.example", "ada@newsroom", "a@b.c\nBcc: d@e.f", "a b@c.d", "<a@b.c>"]
        {
            assert!(!is_address(email), "{email}");
        }
    }
}
