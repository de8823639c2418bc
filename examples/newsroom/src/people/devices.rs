//! Sessions of a person, one per device: listed, and ended one by one or all at once.

use auth_runtime::{
    Auth, AuthError, BoxError, Identity, SessionIdentity, auth_required,
    identity::{CredentialId, Incoming},
};
use axum::{
    extract::{Path, State},
    http::header,
    response::Redirect,
};
use maud::{Markup, html};

use super::impersonate::OwnAccount;
use crate::{api::keys, error::Failure, pages::time, state::Newsroom};

/// Adds to sessions what this application wants of them.
pub(crate) fn policy(sessions: SessionIdentity, base: &str) -> Result<SessionIdentity, BoxError> {
    let sessions = sessions.with_label(device);
    // Browsers send the default cookie over https only. On loopback http is acceptable.
    Ok(if base.starts_with("http:") { sessions.with_insecure_http_on_loopback()? } else { sessions })
}

/// Returns the `User-Agent`, by which people recognize their devices.
fn device(request: &Incoming<'_>) -> Option<String> {
    Some(request.headers().get(header::USER_AGENT)?.to_str().ok()?.to_owned())
}

/// Returns the person of the request and the id of the session.
async fn current(auth: &Auth) -> Result<(Identity, CredentialId), AuthError> {
    match (auth.identity().await?, auth.credential_id().await?) {
        (Some(identity), Some(id)) => Ok((identity, id)),
        _ => Err(AuthError::unauthenticated()),
    }
}

/// Returns the list for the page of the account.
pub(crate) async fn list(auth: &Auth, newsroom: &Newsroom) -> Result<Markup, Failure> {
    let (identity, here) = current(auth).await?;
    let sessions = newsroom.sessions.list(&identity).await?;
    Ok(html! {
        h2 #devices { "Where you are logged in" }
        ul.rows aria-labelledby="devices" {
            @for session in &sessions {
                li {
                    div {
                        (session.label().unwrap_or("An unknown device"))
                        @if *session.id() == here { " " strong { "(this browser)" } }
                        @if session.actor().is_some() { " " strong { "(support, in your name)" } }
                        br;
                        small {
                            "since " (time::time(session.created()))
                            ", last seen " (time::time(session.last_seen()))
                        }
                    }
                    form method="post" action={ "/account/devices/" (session.id()) "/end" } {
                        button {
                            "End"
                            span.hidden { " the session of " (session.label().unwrap_or("an unknown device")) }
                        }
                    }
                }
            }
        }
        div.actions {
            form method="post" action="/account/devices/end-others" { button { "Log out elsewhere" } }
            form method="post" action="/account/devices/end-all" { button { "Log out everywhere" } }
        }
    })
}

#[auth_required]
pub(crate) async fn end(
    _: OwnAccount,
    auth: Auth,
    State(newsroom): State<Newsroom>,
    Path(id): Path<String>,
) -> Result<Redirect, Failure> {
    let (identity, here) = current(&auth).await?;
    let id = id.parse().map_err(|_| Failure::Missing)?;
    if id == here {
        auth.forget().await?;
        return Ok(Redirect::to("/?done=logged-out"));
    }
    if !newsroom.sessions.end(&identity, &id).await? {
        return Err(Failure::Missing);
    }
    Ok(Redirect::to("/account?done=session-ended"))
}

#[auth_required]
pub(crate) async fn end_others(
    _: OwnAccount,
    auth: Auth,
    State(newsroom): State<Newsroom>,
) -> Result<Redirect, Failure> {
    end_sessions_elsewhere(&auth, &newsroom).await?;
    Ok(Redirect::to("/account?done=logged-out-elsewhere"))
}

/// Ends all sessions, and revokes what else the person has: keys for programs, other credentials, and streams on
/// other instances.
#[auth_required]
pub(crate) async fn end_all(
    _: OwnAccount,
    auth: Auth,
    State(newsroom): State<Newsroom>,
) -> Result<Redirect, Failure> {
    let (identity, _) = current(&auth).await?;
    newsroom.sessions.end_all(&identity).await?;
    keys::revoke_all(&newsroom.store, identity.to_user_id().as_str(), newsroom.now()).await?;
    auth.log_out_everywhere().await?;
    Ok(Redirect::to("/?done=logged-out-everywhere"))
}

/// Ends all sessions of the person but this one.
pub(super) async fn end_sessions_elsewhere(auth: &Auth, newsroom: &Newsroom) -> Result<(), Failure> {
    let (identity, here) = current(auth).await?;
    newsroom.sessions.end_others(&identity, &here).await?;
    Ok(())
}

/// Ends all sessions of another person, and what else that person has.
pub(super) async fn end_everything(newsroom: &Newsroom, identity: &Identity) -> Result<(), Failure> {
    newsroom.sessions.end_all(identity).await?;
    keys::revoke_all(&newsroom.store, identity.to_user_id().as_str(), newsroom.now()).await?;
    newsroom.revocation.revoke_user(&identity.to_user_id()).await.map_err(Failure::unavailable)
}

/// Ends the sessions in which another person acts as this one, and with `acts` those in which this one acts as others.
/// They began under roles that no longer count.
pub(super) async fn end_impersonations(
    newsroom: &Newsroom,
    identity: &Identity,
    acts: bool,
) -> Result<(), Failure> {
    if acts {
        newsroom.sessions.end_all(identity).await?;
        return Ok(());
    }
    for session in newsroom.sessions.list(identity).await? {
        if session.actor().is_some() {
            newsroom.sessions.end(identity, session.id()).await?;
        }
    }
    Ok(())
}
