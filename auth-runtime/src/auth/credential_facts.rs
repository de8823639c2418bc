//! Resolves everything known about one credential, each fact at most once: [`Facts`].
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

#[cfg(feature = "csrf")]
use super::verify_csrf_token;
use super::{
    AuthError,
    condition_answers::ConditionFacts,
    csrf_state::CsrfState,
    revocation_and_account_check::{self, Rejection},
};
use crate::{
    BoxError,
    acl::{Groups, Principals},
    answer_future::Answer,
    authorization::GroupQuestion,
    clock::UnixTime,
    config::{Config, incoming},
    cross_site_requests,
    error_kind::AuthErrorKind,
    events,
    guard_probe::Probe,
    identity::{Identified, Identity, IdentityError, UserId},
    telemetry::{LookUp, timed},
};

/// The facts about one credential.
#[derive(Default)]
pub(crate) struct Facts {
    credential: OnceLock<Credential>,
    /// The caller, if it is not known from the credential alone
    checked: OnceLock<Result<Caller, AuthError>>,
    /// `Some(None)` for a blocked user
    groups: OnceLock<Result<Option<Groups>, AuthError>>,
    /// The account, if no guard needed it; `Some(None)` if the user does not exist
    loaded: OnceLock<Result<Option<Account>, AuthError>>,
    is_read: AtomicBool,
    /// What is known about conditions, if a rule has one
    conditions: OnceLock<Box<ConditionFacts>>,
    csrf: CsrfState,
    /// Held during a look-up in a store, so that two tasks of one request do not both make it
    asking: Mutex<()>,
}

/// What the identity policy returned, and when.
pub(super) struct Credential {
    found: Result<Identified, AuthError>,
    at: UnixTime,
    is_unsafe_cross_site: bool,
    /// Of a simulated request, whose user has authenticated as strongly as any guard requires
    is_probe: bool,
    /// The users, if nothing has to be checked for that
    people: Option<People>,
}

/// The users that a credential belongs to.
#[derive(Default)]
pub(super) struct People {
    pub(super) user: Option<UserId>,
    /// The user who impersonates `user`, if any
    pub(super) actor: Option<UserId>,
}

/// The user that a checked credential belongs to.
#[derive(Default)]
pub(super) struct Caller {
    pub(super) people: People,
    pub(super) account: Option<Account>,
    /// Why a valid credential is not accepted
    pub(super) rejection: Option<Rejection>,
}

impl Credential {
    fn new(
        config: &Config,
        found: Result<Identified, AuthError>,
        at: UnixTime,
        is_unsafe_cross_site: bool,
        lacks_token: bool,
    ) -> Self {
        let mut credential = Self { found, at, is_unsafe_cross_site, is_probe: false, people: None };
        credential.people = credential
            .usable(lacks_token)
            .ok()
            .and_then(|found| revocation_and_account_check::unchecked(config, found));
        credential
    }

    /// Returns the identity, unless the request is an unsafe cross-site one or lacks a CSRF token that it needs.
    fn usable(&self, lacks_token: bool) -> Result<&Identified, AuthError> {
        let found = self.found.as_ref().map_err(|error| *error)?;
        // A user, or the session of an anonymous client
        let is_used = found.identity().is_some() || found.data().is_some();
        if self.is_unsafe_cross_site && is_used && found.ambient() != Some(false) {
            return Err(AuthError::new(AuthErrorKind::CrossOrigin));
        }
        if lacks_token && is_used && found.ambient() != Some(false) {
            return Err(AuthError::new(AuthErrorKind::CsrfToken));
        }
        if found.is_contradictory() {
            return Err(AuthError::new(AuthErrorKind::InvalidCredential));
        }
        Ok(found)
    }
}

impl Facts {
    /// Starts with the identity that a log-in or log-out has set.
    pub(super) fn after_change(config: &Config, found: Identified, at: UnixTime) -> Self {
        let credential = OnceLock::from(Credential::new(config, Ok(found), at, false, false));
        Self { credential, ..Self::default() }
    }

    /// Takes the user and the groups of a simulated request.
    pub(crate) fn play(&self, probe: &Probe, at: UnixTime) {
        let found = match probe.user.as_ref().and_then(|user| Identity::from_stored(user.as_str()).ok()) {
            Some(identity) => Identified::known(identity).with_authenticated_at(at),
            None => Identified::anonymous(),
        };
        let people = Some(People { user: probe.user.clone(), actor: None });
        let found = Ok(found);
        let credential = Credential { found, at, is_unsafe_cross_site: false, is_probe: true, people };
        let _ = self.credential.set(credential);
        let _ = self.groups.set(Ok(Some(probe.groups.clone())));
    }

    /// Resolves the request's credential by the identity policy.
    pub(super) async fn identify(
        &self,
        config: &Config,
        parts: &Parts,
        is_used: bool,
    ) -> Result<(), AuthError> {
        if self.credential.get().is_none() {
            let now = config.clock.now();
            let request = incoming(parts, now).asked_again(is_used);
            let ask = || config.identity.identify(&request);
            let note = |answer: Result<_, _>| {
                #[cfg(feature = "csrf")]
                verify_csrf_token::note(&self.csrf, config, parts, now, answer.as_ref().ok());
                noted(config, now, parts, answer, self.csrf.withholds_credential())
            };
            self.resolve(&self.credential, Some(LookUp::Identify), ask, note).await;
        }
        resolved(self.credential.get().map(|credential| &credential.found)).map(drop)
    }

    /// Fills a cell with the result of `note`, unless another task has filled it, and reads it. If two tasks
    /// have to wait, the second future is dropped unpolled.
    async fn resolve<'a, 'b, A, T>(
        &'a self,
        cell: &'a OnceLock<T>,
        look_up: Option<LookUp>,
        ask: impl FnOnce() -> Answer<'b, A>,
        note: impl FnOnce(A) -> T,
    ) -> Option<&'a T> {
        if cell.get().is_some() {
            return cell.get();
        }
        // `set` and not `get_or_init`, which would move the value through several closures.
        let later = match ask() {
            Answer::Now(answer) => {
                let _ = cell.set(note(answer));
                return cell.get();
            }
            Answer::Later(later) => later,
        };
        // The future of a contended lock is boxed, because this one is part of the handler's.
        let _turn = match self.asking.try_lock() {
            Ok(turn) => turn,
            Err(_) => Box::pin(self.asking.lock()).await,
        };
        if cell.get().is_none() {
            let found = match look_up {
                Some(look_up) => timed(look_up, Answer::Later(later)).await,
                None => later.await,
            };
            let _ = cell.set(note(found));
        }
        cell.get()
    }

    /// Returns whether the credential is ignored, because the request is an unsafe cross-site one (CSRF).
    pub(super) fn is_withheld(&self) -> bool {
        self.credential.get().is_some_and(|credential| credential.is_unsafe_cross_site)
    }

    /// Returns whether a CSRF token is needed, and whether it was verified.
    pub(super) const fn csrf(&self) -> &CsrfState {
        &self.csrf
    }

    /// Returns the result of the identity policy, even if its user is not accepted.
    pub(crate) fn found(&self) -> Option<&Identified> {
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

    pub(crate) fn is_probe(&self) -> bool {
        self.credential.get().is_some_and(|credential| credential.is_probe)
    }

    pub(super) fn is_read(&self) -> bool {
        self.is_read.load(Ordering::Relaxed)
    }

    /// Returns the resolved identity, unless the request may not use it.
    pub(crate) fn usable(&self) -> Result<&Identified, AuthError> {
        let credential = self.credential.get().ok_or(AuthError::new(AuthErrorKind::Misconfigured))?;
        credential.usable(self.csrf.withholds_credential())
    }

    /// Resolves the user; `None` for an anonymous request.
    pub(crate) async fn user(&self, config: &Config) -> Result<Option<&UserId>, AuthError> {
        self.note_read();
        if self.resolved_people().is_none() {
            let found = self.usable()?;
            let ask = || Answer::later(revocation_and_account_check::checked(config, found));
            self.resolve(&self.checked, None, ask, identity).await;
        }
        self.accepted_user(config)
    }

    /// Returns the user if it was resolved.
    pub(super) fn resolved_user(&self, config: &Config) -> Option<Result<Option<&UserId>, AuthError>> {
        self.resolved_people()?;
        self.note_read();
        Some(self.accepted_user(config))
    }

    /// Returns the user as resolved so far. An invalid credential is an error if the client sent it
    /// explicitly; if a browser attached it, the request is anonymous.
    pub(super) fn accepted_user(&self, config: &Config) -> Result<Option<&UserId>, AuthError> {
        let unchecked = self.checked.get().and_then(|checked| checked.as_ref().err());
        if let Some(error) = unchecked.or_else(|| self.loaded.get()?.as_ref().err()) {
            return Err(*error);
        }
        match self.rejection() {
            None => Ok(self.known_user()),
            Some(_) if config.identity.is_ambient() => Ok(None),
            Some(_) => Err(AuthError::new(AuthErrorKind::InvalidCredential)),
        }
    }

    fn checked(&self) -> Option<&Caller> {
        self.checked.get()?.as_ref().ok()
    }

    /// Returns the users of the credential if they were resolved, even if it is not accepted.
    fn resolved_people(&self) -> Option<&People> {
        let unchecked = self.credential.get()?.people.as_ref();
        unchecked.or_else(|| Some(&self.checked()?.people))
    }

    /// Returns why a valid credential is not accepted, if that is known.
    pub(super) fn rejection(&self) -> Option<Rejection> {
        let is_gone = matches!(self.loaded.get(), Some(Ok(None)));
        self.checked().and_then(|caller| caller.rejection).or(is_gone.then_some(Rejection::Gone))
    }

    /// Returns the user as resolved so far.
    pub(crate) fn known_user(&self) -> Option<&UserId> {
        self.resolved_people()?.user.as_ref().filter(|_| self.rejection().is_none())
    }

    /// Returns the user who impersonates [`known_user`](Self::known_user), if any.
    pub(crate) fn actor(&self) -> Option<&UserId> {
        self.known_user()?;
        self.resolved_people()?.actor.as_ref()
    }

    /// Resolves the groups; `None` for a blocked user. `parts` are those of the request.
    pub(crate) async fn groups(&self, config: &Config, parts: &Parts) -> Result<Option<&Groups>, AuthError> {
        let user = self.user(config).await?;
        if self.is_disabled() {
            return Ok(None);
        }
        let ask = || {
            let request = incoming(parts, self.at());
            let question = self.group_question(user).with_request(request);
            match self.actor() {
                None => groups_of(config, question),
                // The groups of both are resolved: a blocked user may not impersonate another, either.
                Some(actor) => {
                    let acting = GroupQuestion::about(Some(actor)).with_request(request);
                    Answer::later(groups_of_both(config, question, acting))
                }
            }
        };
        let note =
            |answer: Result<_, BoxError>| answer.map_err(|error| AuthError::unavailable("groups", &error));
        resolved(self.resolve(&self.groups, Some(LookUp::Groups), ask, note).await).map(Option::as_ref)
    }

    /// Asks for the groups of the user, who has been resolved. A credential that is not accepted is left out.
    pub(super) fn group_question<'a>(&'a self, user: Option<&'a UserId>) -> GroupQuestion<'a> {
        let mut question = GroupQuestion::about(user);
        if let (Ok(found), None) = (self.usable(), self.rejection()) {
            question = question.with_credential(found);
        }
        // Not one that a handler has loaded: the groups must not depend on which extractor ran first.
        match self.checked().and_then(|caller| caller.account.as_ref()) {
            Some(account) => question.with_loaded_user(&*account.user),
            None => question,
        }
    }

    /// Returns whether the user is blocked, independent of the groups.
    fn is_disabled(&self) -> bool {
        self.account().is_some_and(|account| account.disabled)
    }

    fn account(&self) -> Option<&Account> {
        let loaded = || self.loaded.get()?.as_ref().ok()?.as_ref();
        self.checked().and_then(|caller| caller.account.as_ref()).or_else(loaded)
    }

    /// Resolves the user's account: loads it if no guard did.
    pub(super) async fn load_account(&self, config: &Config) -> Result<Option<&Account>, AuthError> {
        let Some(user) = self.user(config).await? else { return Ok(None) };
        if self.account().is_none() {
            let found = self.usable()?;
            let ask = || Answer::later(revocation_and_account_check::load(config, user, found));
            self.resolve(&self.loaded, None, ask, identity).await;
        }
        self.accepted_user(config)?;
        Ok(self.account())
    }

    pub(super) fn conditions(&self) -> &ConditionFacts {
        self.conditions.get_or_init(Box::default)
    }

    pub(super) fn known_conditions(&self) -> Option<&ConditionFacts> {
        self.conditions.get().map(|conditions| &**conditions)
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
        match self.resolved_people() {
            Some(_) => self.known_user().cloned(),
            None if config.authorization.is_none() => self.found()?.identity().map(Identity::to_user_id),
            None => None,
        }
    }
}

fn resolved<T>(answer: Option<&Result<T, AuthError>>) -> Result<&T, AuthError> {
    answer.ok_or(AuthError::new(AuthErrorKind::Unavailable))?.as_ref().map_err(|error| *error)
}

/// Logs why a credential was rejected.
fn noted(
    config: &Config,
    now: UnixTime,
    parts: &Parts,
    answer: Result<Identified, IdentityError>,
    lacks_token: bool,
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
    let found = answer.map_err(|error| AuthError::of_credential("identify", &error));
    let is_foreign = is_ambient && cross_site_requests::is_foreign(parts, &config.origins);
    Credential::new(config, found, now, is_foreign, lacks_token)
}

fn groups_of<'a>(
    config: &'a Config,
    question: GroupQuestion<'a>,
) -> Answer<'a, Result<Option<Groups>, BoxError>> {
    match (&config.groups, &config.authorization) {
        (Some(source), _) => source.groups(question),
        (None, Some(policy)) => Answer::Later(policy.groups(question.user())),
        (None, None) => Answer::Now(Ok(Some(Groups::none()))),
    }
}

async fn groups_of_both(
    config: &Config,
    question: GroupQuestion<'_>,
    acting: GroupQuestion<'_>,
) -> Result<Option<Groups>, BoxError> {
    let groups = groups_of(config, question).await?;
    if groups.is_none() {
        return Ok(None);
    }
    let acting = groups_of(config, acting).await?;
    Ok(groups.filter(|_| acting.is_some()))
}
