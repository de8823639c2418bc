//! The page of a person's keys: made (and shown once), listed, revoked.

use auth_runtime::{
    AuthError, Identity, UserId, auth_required,
    clock::UnixTime,
    identity::{ApiKeyRecord, Scopes},
};
use axum::{
    Form,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};

use super::keys::{self, Key, SCOPES};
use crate::{
    error::Failure,
    pages::{frame::Frame, time},
    people::impersonate::OwnAccount,
    state::Newsroom,
};

const TITLE: &str = "Keys for programs";

/// The longest name, in characters.
const MAX_NAME: usize = 60;
/// The most keys of a person.
const MAX_KEYS: usize = 20;
/// The days after which a key ends, as people choose them.
const DAYS: [u64; 3] = [7, 30, 90];
/// A day, in seconds.
const DAY: u64 = 24 * 60 * 60;

#[auth_required(fresh = "10m")]
pub(super) async fn page(
    _: OwnAccount,
    user: UserId,
    frame: Frame,
    State(newsroom): State<Newsroom>,
) -> Result<Response, Failure> {
    let keys = keys::of(&newsroom.store, user.as_str(), newsroom.now()).await?;
    Ok(frame.page(TITLE, &content(&keys, &html! {})))
}

fn content(keys: &[Key], top: &Markup) -> Markup {
    html! {
        h1 { (TITLE) }
        (top)
        p { "A program with a key does what you may do, as far as the key is for it." }
        h2 #keys { "Your keys" }
        @if keys.is_empty() { p { "None." } }
        ul.rows aria-labelledby="keys" {
            @for key in keys {
                li {
                    div {
                        strong { (key.name) } br;
                        small {
                            (key.scopes) ", until " (time::time(time::from_row(key.expires)))
                            @match key.last_used {
                                Some(at) => { ", last used " (time::time(time::from_row(at))) }
                                None => ", never used",
                            }
                        }
                    }
                    form method="post" action={ "/account/keys/" (key.id) "/revoke" } {
                        button { "Revoke" span.hidden { " the key " (key.name) } }
                    }
                }
            }
        }
        h2 { "A new key" }
        form.card method="post" action="/account/keys" {
            label for="name" { "What it is for" }
            input #name name="name" maxlength=(MAX_NAME) required;
            fieldset {
                legend { "What it may do" }
                @for (scope, about) in SCOPES {
                    label.choice {
                        input type="checkbox" name=(scope) value="yes";
                        " " (about)
                    }
                }
            }
            label for="days" { "Ends after" }
            select #days name="days" {
                @for days in DAYS { option value=(days) selected[days == 30] { (days) " days" } }
            }
            button.primary { "Make the key" }
        }
    }
}

/// Shows the key once: the database has its hash.
#[auth_required(fresh = "10m", limit = "20/1h")]
pub(super) async fn create(
    _: OwnAccount,
    user: UserId,
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let now = newsroom.now();
    let list = keys::of(&newsroom.store, user.as_str(), now).await?;
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
    let scopes: Vec<_> =
        SCOPES.iter().map(|(scope, _)| *scope).filter(|scope| field(scope).is_some()).collect();
    let days = field("days").and_then(|days| days.parse().ok()).filter(|days| DAYS.contains(days));
    let name = field("name").filter(|name| !name.is_empty() && name.chars().count() <= MAX_NAME);
    let (Some(name), Some(days), false, true) = (name, days, scopes.is_empty(), list.len() < MAX_KEYS) else {
        let fault = html! {
            p.error role="alert" {
                "A key needs a name, an end, and something that it may do, and you can have " (MAX_KEYS) "."
            }
        };
        let page = frame.page(TITLE, &content(&list, &fault));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let owner = Identity::new(user.as_str()).map_err(AuthError::from)?;
    let expires = UnixTime::from_secs(now.as_secs().saturating_add(days.saturating_mul(DAY)));
    let (key, record) = ApiKeyRecord::issue(keys::PREFIX, owner, now).map_err(Failure::unavailable)?;
    let record = record.with_scopes(Scopes::new(&scopes).map_err(Failure::unavailable)?);
    keys::add(&newsroom.store, &record, name, expires).await?;
    // The target of the audit log.
    tracing::info!(target: "auth", user = %user, key = %record.id(), scopes = %record.scopes(), "API key made");
    let list = keys::of(&newsroom.store, user.as_str(), now).await?;
    let shown = html! {
        div.notice role="status" {
            p { "This is your key. Note it now: it is not shown again." }
        }
        pre tabindex="0" aria-label="The new key" { code #new-key { (key.expose()) } }
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], frame.page(TITLE, &content(&list, &shown))).into_response())
}

#[auth_required(fresh = "10m")]
pub(super) async fn revoke(
    _: OwnAccount,
    user: UserId,
    State(newsroom): State<Newsroom>,
    Path(id): Path<String>,
) -> Result<Redirect, Failure> {
    if !keys::revoke(&newsroom.store, user.as_str(), &id, newsroom.now()).await? {
        return Err(Failure::Missing);
    }
    tracing::info!(target: "auth", user = %user, key = %id, "API key revoked");
    Ok(Redirect::to("/account/keys?done=key-revoked"))
}
