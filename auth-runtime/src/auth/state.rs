//! What one request has found out about its user: everything asked at most once, shared by guards and handlers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;

use super::{failure::Failure, memo::Memo};
use crate::{
    BoxError,
    acl::Groups,
    authorization::Answer,
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
    /// Held while something slow is asked, so that two tasks of one request do not ask twice.
    gate: tokio::sync::Mutex<()>,
}

impl RequestState {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self { config: Some(config), memo: Mutex::default(), gate: tokio::sync::Mutex::default() }
    }

    /// Makes a memory that nobody else holds as good as new, and lets go of everything.
    pub(crate) fn retire(&mut self) {
        self.config = None;
        *self.memo.get_mut().unwrap_or_else(PoisonError::into_inner) = Memo::default();
        self.memo.clear_poison();
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

    /// Finds the user; the identity must have been asked for.
    pub(crate) async fn user(&self) -> Result<Option<UserId>, Failure> {
        if let Some(done) = self.user_now() {
            return done;
        }
        let _gate = self.gate.lock().await;
        loop {
            if let Some(done) = self.user_now() {
                return done;
            }
            let (changes, identity) = {
                let memo = self.lock();
                (memo.changes, memo.known()?.identity().cloned())
            };
            let (Some(policy), Some(identity)) = (&self.config().authorization, identity) else {
                return Ok(None);
            };
            let answer = policy.authorized_userid(&identity).await.map_err(|error| {
                events::failed("authorized_userid", &error);
                Failure::Unavailable
            });
            let mut memo = self.lock();
            if memo.changes == changes {
                memo.user = Some(answer.clone());
                return answer;
            }
        }
    }

    /// Finds the user where nothing has to be waited for.
    fn user_now(&self) -> Option<Result<Option<UserId>, Failure>> {
        let mut memo = self.lock();
        memo.read = true;
        if let Some(done) = &memo.user {
            return Some(done.clone());
        }
        let answer = match memo.known().map(|identified| identified.identity()) {
            Err(failure) => Err(failure),
            Ok(None) => Ok(None),
            Ok(Some(_)) if self.config().authorization.is_some() => return None,
            Ok(Some(identity)) => Ok(Some(identity.to_user_id())),
        };
        memo.user = Some(answer.clone());
        Some(answer)
    }

    /// Finds the groups; the user must have been asked for.
    pub(super) async fn find_groups(&self) -> Result<(), Failure> {
        loop {
            let changes = {
                let memo = self.lock();
                if let Some(done) = memo.groups_done() {
                    return done;
                }
                memo.changes
            };
            let user = self.user().await?;
            self.ask_for_groups(user.as_ref(), changes).await;
        }
    }

    async fn ask_for_groups(&self, user: Option<&UserId>, changes: u32) {
        if let Some(source) = &self.config().groups {
            match source.groups(user) {
                Answer::Now(answer) => self.note_groups(answer, changes),
                Answer::Later(future) => {
                    let _gate = self.gate.lock().await;
                    if self.lock().wants_groups(changes) {
                        self.note_groups(future.await, changes);
                    }
                }
            }
            return;
        }
        let Some(policy) = &self.config().authorization else {
            return self.note_groups(Ok(Some(Groups::none())), changes);
        };
        let _gate = self.gate.lock().await;
        if self.lock().wants_groups(changes) {
            self.note_groups(policy.groups(user).await, changes);
        }
    }

    fn note_groups(&self, answer: Result<Option<Groups>, BoxError>, changes: u32) {
        let answer = answer.map_err(|error| {
            events::failed("groups", &error);
            Failure::Unavailable
        });
        let mut memo = self.lock();
        if memo.wants_groups(changes) {
            memo.groups = Some(answer);
        }
    }

    /// Returns the groups; `None` for a user who is barred.
    pub(crate) async fn groups(&self) -> Result<Option<Groups>, Failure> {
        loop {
            self.find_groups().await?;
            if let Some(answer) = &self.lock().groups {
                return answer.clone();
            }
        }
    }

    /// Returns whether everything is denied to the user.
    pub(crate) async fn is_barred(&self) -> Result<bool, Failure> {
        if !self.config().may_bar() {
            return Ok(false);
        }
        loop {
            self.find_groups().await?;
            if let Some(answer) = &self.lock().groups {
                return answer.as_ref().map(Option::is_none).map_err(|failure| *failure);
            }
        }
    }
}
