//! Checks that a valid credential has not been revoked, and that its user still exists.

use auth_identity::__private::Account;

use super::{
    AuthError,
    credential_facts::{Caller, People},
};
use crate::{
    BoxError,
    answer_future::Answer,
    config::Config,
    error_kind::AuthErrorKind,
    events,
    identity::{CredentialId, Identified, Identity, UserId},
    telemetry::{LookUp, timed},
};

/// Why a valid credential is not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rejection {
    /// The user does not exist, or was deleted.
    Gone,
    /// The credential was revoked.
    Revoked,
}

impl Config {
    /// Returns whether a valid credential suffices, because there is nothing to check.
    pub(super) fn accepts_every_credential(&self) -> bool {
        self.revocation.is_none() && self.users.as_ref().is_none_or(|users| !users.is_asked_by_guards())
    }

    /// Returns the user that an identity belongs to.
    pub(super) async fn user_of(&self, identity: &Identity) -> Result<Option<UserId>, AuthError> {
        let Some(policy) = &self.authorization else { return Ok(Some(identity.to_user_id())) };
        let user = timed(LookUp::AuthorizedUserid, Answer::Later(policy.authorized_userid(identity))).await;
        user.map_err(|error| AuthError::unavailable("authorized_userid", &error))
    }

    /// Returns whether a credential has been revoked. Of several credentials, one that is revoked revokes
    /// all.
    pub(crate) async fn is_revoked(&self, user: &UserId, found: &Identified) -> Result<bool, AuthError> {
        let Some(revocation) = &self.revocation else { return Ok(false) };
        for found in found.credentials() {
            // The credential may have another id since the log-in, by a rotation.
            let login = found.login_id().cloned().map(Some);
            for id in [Some(credential_of(user, found)), login].into_iter().flatten() {
                let status = timed(LookUp::Revocation, revocation.find(user, id.as_ref())).await;
                let status = status.map_err(|error| AuthError::unavailable("revocation", &error))?;
                if status.revokes(found.proved_at()) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Returns the users of a credential that needs no check.
pub(super) fn unchecked(config: &Config, found: &Identified) -> Option<People> {
    let Some(identity) = found.identity() else { return Some(People::default()) };
    (config.authorization.is_none() && config.accepts_every_credential())
        .then(|| People { user: Some(identity.to_user_id()), actor: found.actor().map(Identity::to_user_id) })
}

/// Checks a credential. Both are checked: the user, and the user who impersonates them.
pub(super) async fn checked(config: &Config, found: &Identified) -> Result<Caller, AuthError> {
    let mut caller = Caller::default();
    let Some(identity) = found.identity() else { return Ok(caller) };
    let Some(user) = config.user_of(identity).await? else { return Ok(caller) };
    if let Some(actor) = found.actor() {
        // If the actor is unknown, the request is anonymous.
        let Some(actor) = config.user_of(actor).await? else { return Ok(caller) };
        caller.people.actor = Some(actor);
    }
    match check(config, &user, found).await? {
        Ok(account) => caller.account = account,
        Err(rejection) => caller.rejection = Some(rejection),
    }
    if let (None, Some(actor)) = (caller.rejection, &caller.people.actor) {
        caller.rejection = match check(config, actor, found).await? {
            Ok(Some(account)) if account.disabled => Some(Rejection::Revoked),
            checked => checked.err(),
        };
    }
    match caller.rejection {
        Some(Rejection::Gone) => events::gone(&user),
        Some(Rejection::Revoked) => events::revoked(&user),
        None => {}
    }
    caller.people.user = Some(user);
    Ok(caller)
}

/// Returns the account, if a guard needs it.
async fn check(
    config: &Config,
    user: &UserId,
    found: &Identified,
) -> Result<Result<Option<Account>, Rejection>, AuthError> {
    if config.is_revoked(user, found).await? {
        return Ok(Err(Rejection::Revoked));
    }
    match &config.users {
        Some(users) if users.is_asked_by_guards() => {
            Ok(existing(timed(LookUp::Users, users.account(user)).await, found)?
                .map(Some)
                .ok_or(Rejection::Gone))
        }
        _ => Ok(Ok(None)),
    }
}

/// Loads an account that no guard needed.
pub(super) async fn load(
    config: &Config,
    user: &UserId,
    found: &Identified,
) -> Result<Option<Account>, AuthError> {
    let Some(users) = &config.users else { return Err(AuthError::new(AuthErrorKind::Misconfigured)) };
    let account = existing(timed(LookUp::Users, users.account(user)).await, found)?;
    if account.is_none() {
        events::gone(user);
    }
    Ok(account)
}

/// Returns the account, unless the id was reassigned to another user after the log-in.
fn existing(
    answer: Result<Option<Account>, BoxError>,
    found: &Identified,
) -> Result<Option<Account>, AuthError> {
    let account = answer.map_err(|error| AuthError::unavailable("users", &error))?;
    Ok(account.filter(|account| account.proved(found.proved_at())))
}

/// Returns the id by which a credential is revoked. A credential without an id of its own is identified by
/// its user and the second of the log-in, which its renewals share.
pub(super) fn credential_of(user: &UserId, found: &Identified) -> Option<CredentialId> {
    let login = || found.login_time().map(|time| CredentialId::of_login(user, time));
    found.credential_id().cloned().or_else(login)
}
