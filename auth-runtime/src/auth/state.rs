//! What one request has found out about its user: everything asked at most once, shared by guards and handlers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;

use super::{change::Outcome, failure::Failure, memo::Memo, turn::Turns};
use crate::{
    cross_origin, events,
    identity::{Identified, Identity, IdentityErrorKind, Incoming, UserId},
    layer::{Config, peer_of},
    refusal::Facts,
};

/// One request's memory. It lives in the request's extensions and in the layer's future.
pub(crate) struct RequestState {
    /// Nothing, while the memory waits for its next request
    config: Option<Arc<Config>>,
    memo: Mutex<Memo>,
    /// So that two tasks of one request do not ask the same twice
    turns: Turns,
}

impl RequestState {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self { config: Some(config), memo: Mutex::default(), turns: Turns::default() }
    }

    /// Ends a request whose memory nobody else holds, and makes the memory as good as new.
    pub(crate) fn finish(&mut self) -> Outcome {
        self.memo.clear_poison();
        let memo = self.memo.get_mut().unwrap_or_else(PoisonError::into_inner);
        if memo.is_new() {
            return Outcome::default();
        }
        let config = self.config.as_ref().unwrap_or_else(|| Config::of_nobody());
        let outcome = memo.close(config);
        *memo = Memo::default();
        outcome
    }

    /// Lets go of the layer, when the request has ended.
    pub(crate) fn retire(&mut self) {
        self.config = None;
    }

    /// Gives a memory that was retired to a request.
    pub(crate) fn employ(&mut self, config: Arc<Config>) {
        self.config = Some(config);
    }

    /// Returns what the layer was told. A memory without a layer knows nobody and refuses everything.
    pub(crate) fn config(&self) -> &Arc<Config> {
        self.config.as_ref().unwrap_or_else(|| Config::of_nobody())
    }

    /// A panic while the lock is held leaves at worst a question unanswered, and it is then asked again.
    pub(super) fn lock(&self) -> MutexGuard<'_, Memo> {
        self.memo.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) const fn turns(&self) -> &Turns {
        &self.turns
    }

    /// Finds the request's identity.
    pub(crate) async fn identify(&self, parts: &Parts) -> Result<(), Failure> {
        if let Some(done) = &self.lock().identified {
            return done.as_ref().map(|_| ()).map_err(|failure| *failure);
        }
        let now = self.config().clock.now();
        let request = Incoming::with_lazy_peer(parts, peer_of, now);
        let answer = match self.config().identity.identify_now(&request) {
            Some(answer) => answer,
            None => self.config().identity.identify(&request).await,
        };
        let answer = answer.map_err(|error| {
            if error.kind() == IdentityErrorKind::Refuse {
                events::bad_credential(&error);
            } else {
                events::failed("identify", &error);
            }
            Failure::of(&error)
        });
        match &answer {
            Ok(found) if found.is_bad_credential() => {
                events::bad_credential(&"the credential is not valid");
            }
            Ok(found) if found.is_contradictory() => {
                events::bad_credential(&"there are valid credentials of different users");
            }
            Ok(_) | Err(_) => {}
        }
        let done = answer.as_ref().map(|_| ()).map_err(|failure| *failure);
        let mut memo = self.lock();
        memo.now = now;
        memo.foreign =
            self.config().identity.is_ambient() && cross_origin::is_foreign(parts, &self.config().origins);
        memo.identified = Some(answer);
        done
    }

    /// Keeps what the answer to an error of the handler's own depends on.
    pub(crate) fn keep_facts(&self, parts: &Parts) {
        let facts = Facts::of(parts);
        self.lock().facts = Some(facts);
    }

    pub(crate) fn identity(&self) -> Result<Option<Identity>, Failure> {
        let mut memo = self.lock();
        memo.read = true;
        memo.known().map(|identified| identified.identity().cloned())
    }

    /// The user as far as it is known by now.
    pub(crate) fn known_user(&self) -> Option<UserId> {
        match &self.lock().user {
            Some(Ok(user)) => user.clone(),
            _ => None,
        }
    }

    pub(crate) fn identified(&self) -> Result<Identified, Failure> {
        let mut memo = self.lock();
        memo.read = true;
        memo.known().cloned()
    }
}
