//! [`Facts`]: everything known about one credential, each fact resolved at most once.
//!
//! A request starts with the facts of the credential that it carried. A log-in or log-out replaces the whole
//! set, so a cached answer about the previous user can never be used for the new one.

use std::{
    convert::identity,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use auth_identity::__private::Account;
use http::request::Parts;
use tokio::sync::Mutex;

use super::{
    AuthError,
    account_check::{self, Rejection},
    request_state::People,
};
use crate::{
    BoxError,
    acl::{Groups, Principals},
    answer::Answer,
    clock::UnixTime,
    config::{Config, peer_of},
    cross_origin,
    error_kind::AuthErrorKind,
    events,
    identity::{Identified, Identity, IdentityError, Incoming, UserId},
    probe::Probe,
};

/// The facts about one credential.
#[derive(Default)]
pub(crate) struct Facts {
    credential: OnceLock<Credential>,
    caller: OnceLock<Result<Caller, AuthError>>,
    /// `Some(None)` for a blocked user
    groups: OnceLock<Result<Option<Groups>, AuthError>>,
    /// The account, if no guard needed it; `Some(None)` if the user does not exist
    loaded: OnceLock<Result<Option<Account>, AuthError>>,
    is_read: AtomicBool,
    /// Of a simulated request, whose user has authenticated as strongly as any guard requires
    is_probe: bool,
    /// Held during a look-up in a store, so that two tasks of one request do not both make it
    asking: Mutex<()>,
}

/// What the identity policy returned, and when.
pub(super) struct Credential {
    found: Result<Identified, AuthError>,
    at: UnixTime,
    /// Unsafe cross-site request (CSRF): its credential is ignored.
    pub(super) is_unsafe_cross_site: bool,
}

/// The user that a valid credential belongs to.
#[derive(Default)]
pub(super) struct Caller {
    pub(super) user: Option<UserId>,
    /// The user who impersonates `user`, if any
    pub(super) actor: Option<UserId>,
    pub(super) account: Option<Account>,
    /// Why a valid credential is not accepted
    pub(super) rejection: Option<Rejection>,
}

impl Facts {
    /// Starts with the identity that a log-in or log-out has set.
    pub(super) fn after_change(found: Identified, at: UnixTime) -> Self {
        let credential = Credential { found: Ok(found), at, is_unsafe_cross_site: false };
        Self { credential: OnceLock::from(credential), ..Self::default() }
    }

    /// Starts with the user and the groups of a simulated request.
    pub(crate) fn of_probe(probe: &Probe, at: UnixTime) -> Self {
        let found = match probe.user.as_ref().and_then(|user| Identity::new(user.as_str()).ok()) {
            Some(identity) => Identified::known(identity).with_authenticated_at(at),
            None => Identified::anonymous(),
        };
        let caller = Caller { user: probe.user.clone(), ..Caller::default() };
        Self {
            caller: OnceLock::from(Ok(caller)),
            groups: OnceLock::from(Ok(Some(probe.groups.clone()))),
            is_probe: true,
            ..Self::after_change(found, at)
        }
    }

    /// Resolves the request's credential by the identity policy.
    pub(super) async fn identify(
        &self,
        config: &Config,
        parts: &Parts,
        is_used: bool,
    ) -> Result<(), AuthError> {
        if self.credential.get().is_none() {
            let request = Incoming::with_lazy_peer(parts, peer_of, config.clock.now()).asked_again(is_used);
            match config.identity.identify(&request) {
                Answer::Now(answer) => self.note_credential(config, &request, parts, answer),
                Answer::Later(later) => {
                    let _turn = self.asking.lock().await;
                    if self.credential.get().is_none() {
                        let answer = later.await;
                        self.note_credential(config, &request, parts, answer);
                    }
                }
            }
        }
        match self.credential.get().map(|credential| &credential.found) {
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(*error),
            None => Err(AuthError::new(AuthErrorKind::Unavailable)),
        }
    }

    fn note_credential(
        &self,
        config: &Config,
        request: &Incoming<'_>,
        parts: &Parts,
        answer: Result<Identified, IdentityError>,
    ) {
        self.credential.get_or_init(|| noted(config, request, parts, answer));
    }

    /// Fills a cell with the result of `note`, unless another task has filled it, and reads it. If two tasks
    /// have to wait, the second future is dropped unpolled.
    fn resolve<'a, A: 'a, T: Send + Sync, R>(
        &'a self,
        cell: &'a OnceLock<T>,
        ask: impl FnOnce() -> Answer<'a, A>,
        note: impl FnOnce(A) -> T + Send + 'a,
        read: impl FnOnce(&'a T) -> R + Send + 'a,
    ) -> Answer<'a, R> {
        if let Some(known) = cell.get() {
            return Answer::Now(read(known));
        }
        match ask() {
            Answer::Now(answer) => Answer::Now(read(cell.get_or_init(|| note(answer)))),
            Answer::Later(later) => Answer::later(async move {
                let _turn = self.asking.lock().await;
                if let Some(known) = cell.get() {
                    return read(known);
                }
                let answer = later.await;
                read(cell.get_or_init(|| note(answer)))
            }),
        }
    }

    pub(super) fn credential(&self) -> Option<&Credential> {
        self.credential.get()
    }

    /// Returns the result of the identity policy, even if its user is not accepted.
    pub(super) fn found(&self) -> Option<&Identified> {
        self.credential.get()?.found.as_ref().ok()
    }

    /// Returns the identity of the request: none if the credential is not accepted or could not be read.
    pub(super) fn standing(&self) -> Identified {
        match self.rejection() {
            Some(_) => Identified::bad_credential(),
            None => self.found().cloned().unwrap_or_default(),
        }
    }

    /// Returns the time at which the credential was resolved.
    pub(super) fn at(&self) -> UnixTime {
        self.credential.get().map(|credential| credential.at).unwrap_or_default()
    }

    /// Records that the response depends on the user.
    pub(super) fn note_read(&self) {
        self.is_read.store(true, Ordering::Relaxed);
    }

    pub(super) const fn is_probe(&self) -> bool {
        self.is_probe
    }

    pub(super) fn is_read(&self) -> bool {
        self.is_read.load(Ordering::Relaxed)
    }

    /// Returns the resolved identity, unless the request may not use it.
    pub(crate) fn usable(&self) -> Result<&Identified, AuthError> {
        let credential = self.credential.get().ok_or(AuthError::new(AuthErrorKind::Misconfigured))?;
        let found = credential.found.as_ref().map_err(|error| *error)?;
        // A user, or the session of an anonymous client
        let is_used = found.identity().is_some() || found.data().is_some();
        if credential.is_unsafe_cross_site && is_used && found.ambient() != Some(false) {
            return Err(AuthError::new(AuthErrorKind::CrossOrigin));
        }
        if found.is_contradictory() {
            return Err(AuthError::new(AuthErrorKind::InvalidCredential));
        }
        Ok(found)
    }

    /// Resolves the user; `None` for an anonymous request.
    pub(crate) fn user<'a>(
        &'a self,
        config: &'a Config,
    ) -> Answer<'a, Result<Option<&'a UserId>, AuthError>> {
        if let Some(resolved) = self.resolved_user(config) {
            return Answer::Now(resolved);
        }
        self.note_read();
        let found = match self.usable() {
            Ok(found) => found,
            Err(error) => return Answer::Now(Err(error)),
        };
        let ask = || account_check::caller_of(config, found);
        self.resolve(&self.caller, ask, identity, |_| self.accepted_user(config))
    }

    /// Returns the user if it was resolved.
    pub(super) fn resolved_user(&self, config: &Config) -> Option<Result<Option<&UserId>, AuthError>> {
        self.caller.get()?;
        self.note_read();
        Some(self.accepted_user(config))
    }

    /// Returns the user as resolved so far. An invalid credential is an error if the client sent it
    /// explicitly; if a browser attached it, the request is anonymous.
    pub(super) fn accepted_user(&self, config: &Config) -> Result<Option<&UserId>, AuthError> {
        let Some(caller) = self.caller.get() else { return Ok(None) };
        let caller = caller.as_ref().map_err(|error| *error)?;
        if let Some(Err(error)) = self.loaded.get() {
            return Err(*error);
        }
        match self.rejection() {
            None => Ok(caller.user.as_ref()),
            Some(_) if config.identity.is_ambient() => Ok(None),
            Some(_) => Err(AuthError::new(AuthErrorKind::InvalidCredential)),
        }
    }

    fn caller(&self) -> Option<&Caller> {
        self.caller.get()?.as_ref().ok()
    }

    /// Returns why a valid credential is not accepted, if that is known.
    pub(super) fn rejection(&self) -> Option<Rejection> {
        let is_gone = matches!(self.loaded.get(), Some(Ok(None)));
        self.caller()?.rejection.or(is_gone.then_some(Rejection::Gone))
    }

    /// Returns the user as resolved so far.
    pub(crate) fn known_user(&self) -> Option<&UserId> {
        self.caller()?.user.as_ref().filter(|_| self.rejection().is_none())
    }

    /// Returns the user who impersonates [`known_user`](Self::known_user), if any.
    pub(crate) fn actor(&self) -> Option<&UserId> {
        self.caller()?.actor.as_ref()
    }

    /// Returns both as resolved so far.
    pub(super) fn people(&self) -> People {
        let user = self.known_user().cloned();
        let actor = self.actor().filter(|_| user.is_some()).cloned();
        People { user, actor }
    }

    /// Resolves the groups; `None` for a blocked user.
    pub(crate) async fn groups(&self, config: &Config) -> Result<Option<&Groups>, AuthError> {
        let user = self.user(config).await?;
        if self.is_disabled() {
            return Ok(None);
        }
        let ask = || match self.actor().filter(|_| user.is_some()) {
            None => groups_of(config, user),
            // The groups of both are resolved: a blocked user may not impersonate another, either.
            Some(actor) => Answer::later(groups_of_both(config, user, actor)),
        };
        let read =
            |groups: &'_ Result<Option<Groups>, AuthError>| groups.as_ref().map(|_| ()).map_err(|it| *it);
        self.resolve(&self.groups, ask, noted_groups, read).await?;
        Ok(self.groups.get().and_then(|groups| groups.as_ref().ok()?.as_ref()))
    }

    /// Returns whether the user is blocked, independent of the groups.
    fn is_disabled(&self) -> bool {
        self.account().is_some_and(|account| account.disabled)
    }

    fn account(&self) -> Option<&Account> {
        let loaded = || self.loaded.get()?.as_ref().ok()?.as_ref();
        self.caller()?.account.as_ref().or_else(loaded)
    }

    /// Resolves the user's account: loads it if no guard did.
    pub(super) async fn load_account(&self, config: &Config) -> Result<Option<&Account>, AuthError> {
        let Some(user) = self.user(config).await? else { return Ok(None) };
        if self.account().is_none() {
            let found = self.usable()?;
            let ask = || Answer::later(account_check::load(config, user, found));
            self.resolve(&self.loaded, ask, identity, |_| ()).await;
        }
        self.accepted_user(config)?;
        Ok(self.account())
    }

    /// Returns the principals as resolved so far.
    pub(crate) fn principals(&self) -> Principals<'_> {
        let user = self.known_user().map(UserId::as_str);
        match self.groups.get() {
            _ if self.is_disabled() => Principals::blocked(),
            Some(Ok(None)) => Principals::blocked(),
            Some(Ok(Some(groups))) => Principals::new(user, Some(groups)),
            Some(Err(_)) | None => Principals::new(user, None),
        }
    }

    /// Returns the user's id for logs. If a policy maps identities to users, the identity itself is not
    /// logged: it may be a secret.
    pub(super) fn user_for_log(&self, config: &Config) -> Option<UserId> {
        match self.caller() {
            Some(_) => self.known_user().cloned(),
            None if config.authorization.is_none() => self.found()?.identity().map(Identity::to_user_id),
            None => None,
        }
    }
}

/// Logs why a credential was rejected.
fn noted(
    config: &Config,
    request: &Incoming<'_>,
    parts: &Parts,
    answer: Result<Identified, IdentityError>,
) -> Credential {
    // The policy decides about changes, because they write its cookie; the credential that was read may be
    // another one.
    let is_ambient = config.identity.is_ambient()
        || answer.as_ref().is_ok_and(|found| found.ambient().unwrap_or_default());
    match &answer {
        Ok(found) if found.is_bad_credential() => events::bad_credential(&"the credential is not valid"),
        Ok(found) if found.is_contradictory() => {
            events::bad_credential(&"there are valid credentials of different users");
        }
        _ => {}
    }
    Credential {
        found: answer.map_err(|error| AuthError::of_credential("identify", &error)),
        at: request.now(),
        is_unsafe_cross_site: is_ambient && cross_origin::is_foreign(parts, &config.origins),
    }
}

fn groups_of<'a>(
    config: &'a Config,
    user: Option<&'a UserId>,
) -> Answer<'a, Result<Option<Groups>, BoxError>> {
    match (&config.groups, &config.authorization) {
        (Some(source), _) => source.groups(user),
        (None, Some(policy)) => Answer::Later(policy.groups(user)),
        (None, None) => Answer::Now(Ok(Some(Groups::none()))),
    }
}

async fn groups_of_both(
    config: &Config,
    user: Option<&UserId>,
    actor: &UserId,
) -> Result<Option<Groups>, BoxError> {
    let groups = groups_of(config, user).await?;
    if groups.is_none() {
        return Ok(None);
    }
    let acting = groups_of(config, Some(actor)).await?;
    Ok(groups.filter(|_| acting.is_some()))
}

fn noted_groups(answer: Result<Option<Groups>, BoxError>) -> Result<Option<Groups>, AuthError> {
    answer.map_err(|error| AuthError::unavailable("groups", &error))
}
