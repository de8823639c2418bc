//! Shares the facts about one request's user between guards, extractors and handlers, with the changes for
//! the response: [`RequestState`].

use std::{
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use auth_identity::__private::{RequestHandle, without_layer};
use axum::response::Response;
use http::request::Parts;
use tracing::Span;

use super::{AuthError, credential_facts::Facts, revocation_and_account_check::Rejection};
use crate::{
    acl::Groups,
    config::Config,
    events,
    identity::{Effects, Identified, UserId},
    refusal,
};

/// The state of one request. It is stored in the request's extensions, and in the future that completes the
/// response.
pub(crate) struct RequestState {
    config: Arc<Config>,
    span: Span,
    /// The facts about the credential that the request carried
    carried: Facts,
    has_changed: AtomicBool,
    /// Whether a guard or the handler has decided about the request
    is_judged: AtomicBool,
    changes: Mutex<Changes>,
}

/// The changes of a handler, and the dependencies of the response.
#[derive(Default)]
pub(super) struct Changes {
    /// The facts since the last log-in or log-out of this request
    pub(super) facts: Option<Arc<Facts>>,
    /// What is to be written to the response
    pub(super) effects: Option<Box<Effects>>,
    /// The cookie of a device on which the user has logged in; a log-in or log-out does not replace it
    pub(super) device: Option<Box<Effects>>,
    /// The secret for CSRF tokens that the browser gets, and its cookie
    #[cfg(feature = "csrf")]
    pub(super) csrf: Option<(auth_identity::csrf::BrowserSecret, Box<Effects>)>,
    /// The head of the request, while a handler holds an `Auth`
    head: Option<Arc<Parts>>,
    /// How many log-ins and log-outs were made that do not continue the request's own log-in
    pub(super) own: u32,
    pub(super) is_closed: bool,
}

/// The current facts.
pub(crate) enum CurrentFacts<'a> {
    Carried(&'a Facts),
    Changed(Arc<Facts>),
}

impl Deref for CurrentFacts<'_> {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        match self {
            Self::Carried(facts) => facts,
            Self::Changed(facts) => facts,
        }
    }
}

/// What the layer has to do with the response.
pub(crate) struct Outcome {
    /// The response depends on the user.
    pub(crate) is_read: bool,
    pub(crate) head: Option<Arc<Parts>>,
    /// The writes of `remember`, `forget` and the like
    pub(crate) effects: Option<Box<Effects>>,
    /// The cookie of a known device
    pub(crate) device: Option<Box<Effects>>,
    /// The cookie for CSRF tokens
    pub(crate) csrf: Option<Box<Effects>>,
    /// What to do with the credential of the request
    pub(crate) upkeep: Option<Upkeep>,
}

/// What to do with a credential that no handler has changed.
pub(crate) enum Upkeep {
    /// Renew it, if the response is a success
    Renew,
    /// Remove it from the browser: its user does not exist
    Remove,
}

impl RequestState {
    pub(crate) fn new(config: Arc<Config>, span: Span) -> Self {
        Self {
            config,
            span,
            carried: Facts::default(),
            has_changed: AtomicBool::new(false),
            is_judged: AtomicBool::new(false),
            changes: Mutex::default(),
        }
    }

    /// Returns the state of the request with this head, or the response for an application without an `AuthLayer`.
    #[expect(clippy::result_large_err, reason = "a response is what axum wants of a rejected extractor")]
    pub(crate) fn of(parts: &Parts) -> Result<&Self, Response> {
        parts.extensions.get().and_then(RequestHandle::state).ok_or_else(without_layer)
    }

    /// Returns the state of the request with this head, to be kept; `None` in an application without an `AuthLayer`.
    pub(crate) fn shared(parts: &Parts) -> Option<Arc<Self>> {
        parts.extensions.get().and_then(RequestHandle::shared)
    }

    /// Records that a guard without a question has let the request with this head pass. It needs no
    /// `AuthLayer`.
    pub(crate) fn note_public(parts: &Parts) -> Option<&Self> {
        let state = parts.extensions.get().and_then(RequestHandle::state::<Self>)?;
        state.note_judged();
        Some(state)
    }

    /// Records that a guard or the handler has decided about the request, either way.
    pub(crate) fn note_judged(&self) {
        self.is_judged.store(true, Ordering::Relaxed);
    }

    /// Returns whether a guard or the handler has decided about the request.
    pub(crate) fn is_judged(&self) -> bool {
        self.is_judged.load(Ordering::Relaxed)
    }

    /// Returns whether a handler has something to write to the response.
    pub(crate) fn has_effects(&self) -> bool {
        self.changes().effects.is_some()
    }

    pub(crate) const fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// Returns the span of the request.
    pub(crate) const fn span(&self) -> &Span {
        &self.span
    }

    /// Returns the facts about the credential that the request carried.
    pub(crate) const fn carried(&self) -> &Facts {
        &self.carried
    }

    /// Returns the current facts: those of the last log-in or log-out, or else those of the request's
    /// credential.
    pub(crate) fn facts(&self) -> CurrentFacts<'_> {
        if self.has_changed.load(Ordering::Acquire)
            && let Some(facts) = &self.changes().facts
        {
            return CurrentFacts::Changed(Arc::clone(facts));
        }
        CurrentFacts::Carried(&self.carried)
    }

    /// Returns whether the request has logged its user in or out.
    pub(super) fn has_changed(&self) -> bool {
        self.has_changed.load(Ordering::Acquire)
    }

    /// Replaces the current facts.
    pub(super) fn replace_facts(&self, changes: &mut Changes, facts: Facts) {
        let earlier = changes.facts.replace(Arc::new(facts));
        if earlier.is_some_and(|earlier| earlier.is_read()) {
            self.carried.note_read();
        }
        self.has_changed.store(true, Ordering::Release);
    }

    /// A panic while the lock is held loses at most a change.
    pub(super) fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves the request's credential.
    pub(crate) async fn identify(&self, parts: &Parts) -> Result<(), AuthError> {
        let identified = self.carried.identify(&self.config, parts, false).await;
        if self.has_changed() { Ok(()) } else { identified }
    }

    /// Stores the dependencies of the response to an error of the handler, and returns the head for a later
    /// watch.
    ///
    /// The head of a later extractor is a different one: a middleware between the two may have changed it, or
    /// inserted an `Auth` into it. With an `Auth` this state would contain itself (a leak), so only the parts
    /// that a response depends on are stored.
    pub(crate) fn keep_head(&self, parts: &Parts) -> Arc<Parts> {
        // Cloning extensions calls code of the application, which must not run with the lock held.
        let mut head = parts.clone();
        head.extensions.remove::<RequestHandle>();
        let head = Arc::new(head);
        let mut changes = self.changes();
        // After the response it would never be removed.
        if changes.is_closed {
            return head;
        }
        let kept = if changes.head.is_none() { Arc::clone(&head) } else { Arc::new(refusal::reduced(parts)) };
        let before = changes.head.replace(kept);
        drop(changes);
        drop(before);
        head
    }

    /// Asks a question about the user. The question is repeated if another task has logged the user in or out
    /// meanwhile, so the answer is about the current user.
    pub(crate) async fn ask<T>(
        &self,
        question: impl AsyncFn(&Facts, &Config) -> Result<T, AuthError>,
    ) -> Result<T, AuthError> {
        loop {
            let facts = self.facts();
            let answer = question(&facts, &self.config).await;
            if self.is_current(&facts) {
                return answer;
            }
        }
    }

    /// Returns the groups of the current user; `None` for a blocked one. It is [`ask`](Self::ask) with the request, which
    /// an async closure could not capture in a future that is `Send`.
    pub(super) async fn groups(&self, parts: &Parts) -> Result<Option<Groups>, AuthError> {
        loop {
            let facts = self.facts();
            let groups = facts.groups(&self.config, parts).await.map(Option::<&Groups>::cloned);
            if self.is_current(&facts) {
                return groups;
            }
        }
    }

    /// Returns whether no task has logged the user in or out since these facts were read.
    fn is_current(&self, facts: &Facts) -> bool {
        std::ptr::eq(facts, &raw const *self.facts())
    }

    /// Returns the user; `None` for an anonymous request. The credential must have been resolved.
    pub(crate) async fn user(&self) -> Result<Option<UserId>, AuthError> {
        self.ask(async |facts, config| Ok(facts.user(config).await?.cloned())).await
    }

    /// Returns the identity of the credential, unless its user is not accepted.
    pub(crate) async fn identified(&self) -> Result<Identified, AuthError> {
        self.ask(async |facts, config| facts.user(config).await.map(|_| ())).await?;
        self.identified_as_resolved()
    }

    /// Returns the identity of the credential, as resolved so far.
    pub(crate) fn identified_as_resolved(&self) -> Result<Identified, AuthError> {
        let facts = self.facts();
        facts.note_read();
        facts.accepted_user(&self.config)?;
        match facts.rejection() {
            Some(_) => Ok(Identified::bad_credential()),
            None => facts.usable().cloned(),
        }
    }

    pub(super) fn user_for_log(&self) -> Option<UserId> {
        self.facts().user_for_log(&self.config)
    }

    /// Closes the request: later changes fail.
    pub(crate) fn close(&self) -> Outcome {
        let (facts, mut effects, [device, csrf], head, is_own) = {
            let mut changes = self.changes();
            changes.is_closed = true;
            #[cfg(feature = "csrf")]
            let csrf = changes.csrf.take().map(|(_, effects)| effects);
            #[cfg(not(feature = "csrf"))]
            let csrf = None;
            let cookies = [changes.device.take(), csrf];
            (changes.facts.clone(), changes.effects.take(), cookies, changes.head.take(), changes.own > 0)
        };
        let is_read = self.carried.is_read() || facts.as_deref().is_some_and(Facts::is_read);
        if effects.is_none() {
            return Outcome { is_read, head, effects, device, csrf, upkeep: self.upkeep() };
        }
        if let Some(carried) = self.carried.found() {
            if !is_own && self.config.has_ended(carried) {
                events::late_response("change");
                effects = None;
            } else if let (Some(current), Some(order)) =
                (facts.as_deref().and_then(Facts::found), self.config.late_response_check())
            {
                order.changed(carried, current, self.config.clock.now());
            }
        }
        Outcome { is_read, head, effects, device, csrf, upkeep: None }
    }

    /// Returns what to do with the credential of the request, if no handler has changed it.
    fn upkeep(&self) -> Option<Upkeep> {
        let found = self.carried.found()?;
        match self.carried.rejection() {
            Some(Rejection::Gone) if self.config.identity.is_ambient() => Some(Upkeep::Remove),
            None if found.is_renewal_due() && self.carried.is_read() && !self.carried.is_withheld() => {
                // If the user could not be resolved, it is unknown whether the credential was revoked.
                let is_resolved = found.identity().is_none() || self.carried.known_user().is_some();
                is_resolved.then_some(Upkeep::Renew)
            }
            Some(_) | None => None,
        }
    }
}
