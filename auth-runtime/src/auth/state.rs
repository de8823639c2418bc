//! What one request has found out about its user: everything asked at most once, shared by guards and handlers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;

use super::{
    failure::Failure,
    memo::{Memo, Outcome},
    turn::{Turn, Turns},
};
use crate::{
    acl::{Decision, Denial, Groups, Principals},
    authorization::{Answer, Question},
    clock::UnixTime,
    cross_origin, events,
    identity::{
        Effects, Identified, Identity, IdentityError, IdentityErrorKind, Incoming, Occasion, Remember, UserId,
    },
    layer::Config,
    refusal::Facts,
};

/// One request's memory. It lives in the request's extensions and in the layer's future.
pub(crate) struct RequestState {
    config: Arc<Config>,
    memo: Mutex<Memo>,
    /// So that two tasks of one request do not ask twice
    turns: Turns,
}

/// What has to be asked before a question can be answered.
enum Missing<'a> {
    Groups { user: Option<UserId>, changes: u32, turn: Turn<'a> },
    /// Another task is asking.
    Turn,
    User { identity: Identity, changes: u32, turn: Turn<'a> },
}

/// What a guard that demands no more than a user wants to know.
pub(crate) enum Standing {
    Barred,
    Known,
    Nobody,
}

impl RequestState {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self { config, memo: Mutex::default(), turns: Turns::default() }
    }

    pub(crate) fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// A panic while the lock is held leaves at worst a question unanswered, and it is then asked again.
    fn lock(&self) -> MutexGuard<'_, Memo> {
        self.memo.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds the request's identity.
    pub(crate) async fn identify(&self, parts: &Parts) -> Result<(), Failure> {
        if let Some(done) = &self.lock().identified {
            return done.as_ref().map(|_| ()).map_err(|failure| *failure);
        }
        let now = self.config.clock.now();
        let request = Incoming::with_lazy_peer(parts, crate::layer::peer_of, now);
        let answer = match self.config.identity.identify_now(&request) {
            Some(answer) => answer,
            None => self.config.identity.identify(&request).await,
        };
        let answer = answer.map_err(|error| {
            if error.kind() == IdentityErrorKind::Refuse {
                events::bad_credential(&error);
            } else {
                events::failed("identify", &error);
            }
            Failure::of(&error)
        });
        if answer.as_ref().is_ok_and(Identified::is_bad_credential) {
            events::bad_credential(&"the credential is not valid");
        }
        let done = answer.as_ref().map(|_| ()).map_err(|failure| *failure);
        let mut memo = self.lock();
        memo.now = now;
        memo.foreign =
            self.config.identity.is_ambient() && cross_origin::is_foreign(parts, &self.config.origins);
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
        self.when_known(|_| false, |memo| memo.user.clone()).await?.unwrap_or(Ok(None))
    }

    /// Returns the groups; `None` for a user who is barred.
    pub(crate) async fn groups(&self) -> Result<Option<Groups>, Failure> {
        self.when_known(|_| true, |memo| memo.groups.clone()).await?.unwrap_or(Ok(Some(Groups::none())))
    }

    /// Returns whether everything is denied to the user.
    pub(crate) async fn is_barred(&self) -> Result<bool, Failure> {
        self.when_known(|_| self.config.may_bar(), |memo| memo.principals().is_barred()).await
    }

    /// Returns whether a user is known, and whether everything is denied to them.
    pub(crate) async fn standing(&self) -> Result<Standing, Failure> {
        let needs_groups = |user: Option<&str>| user.is_some() && self.config.may_bar();
        self.when_known(needs_groups, |memo| match memo.user {
            Some(Ok(Some(_))) if memo.principals().is_barred() => Standing::Barred,
            Some(Ok(Some(_))) => Standing::Known,
            _ => Standing::Nobody,
        })
        .await
    }

    /// Decides by rules; groups are asked for only when they can matter.
    pub(crate) async fn decide(
        &self,
        needs_groups: impl Fn(Option<&str>) -> bool,
        decide: impl FnOnce(&Principals<'_>) -> Decision,
    ) -> Result<Decision, Failure> {
        let needs_groups = |user: Option<&str>| self.config.may_bar() || needs_groups(user);
        self.when_known(needs_groups, |memo| decide(&memo.principals())).await
    }

    /// Looks at the memory as soon as the user is known, and the groups if they are needed. Both are then of the same
    /// generation.
    async fn when_known<T>(
        &self,
        needs_groups: impl Fn(Option<&str>) -> bool,
        look: impl FnOnce(&Memo) -> T,
    ) -> Result<T, Failure> {
        loop {
            let missing = {
                let mut memo = self.lock();
                match self.missing(&mut memo, &needs_groups)? {
                    None => return Ok(look(&memo)),
                    Some(missing) => missing,
                }
            };
            match missing {
                Missing::Groups { user, changes, turn } => self.ask_for_groups(user, changes, turn).await,
                Missing::Turn => self.turns.wait().await,
                Missing::User { identity, changes, turn } => self.ask_for_user(identity, changes, turn).await,
            }
        }
    }

    /// Finds what can be found at once, and returns what has to be asked for.
    fn missing(
        &self,
        memo: &mut Memo,
        needs_groups: impl Fn(Option<&str>) -> bool,
    ) -> Result<Option<Missing<'_>>, Failure> {
        memo.find_user(&self.config);
        let changes = memo.changes;
        let Some(user) = &memo.user else {
            let Some(identity) = memo.known()?.identity().cloned() else { return Ok(None) };
            let turn = self.turns.take_now();
            return Ok(Some(turn.map_or(Missing::Turn, |turn| Missing::User { identity, changes, turn })));
        };
        let user = user.as_ref().map_err(|failure| *failure)?;
        if !needs_groups(user.as_deref()) {
            return Ok(None);
        }
        let user = user.clone();
        memo.find_groups(&self.config);
        match memo.groups_done() {
            Some(done) => done.map(|()| None),
            None => Ok(Some(match self.turns.take_now() {
                Some(turn) => Missing::Groups { user, changes, turn },
                None => Missing::Turn,
            })),
        }
    }

    async fn ask_for_user(&self, identity: Identity, changes: u32, turn: Turn<'_>) {
        let Some(policy) = &self.config.authorization else { return };
        let answer = policy.authorized_userid(&identity).await.map_err(|error| {
            events::failed("authorized_userid", &error);
            Failure::Unavailable
        });
        let mut memo = self.lock();
        if memo.changes == changes {
            memo.user = Some(answer);
        }
        drop((memo, turn));
    }

    async fn ask_for_groups(&self, user: Option<UserId>, changes: u32, turn: Turn<'_>) {
        let answer = match (&self.config.groups, &self.config.authorization) {
            (Some(source), _) => match source.groups(user.as_ref()) {
                Answer::Now(answer) => answer,
                Answer::Later(future) => future.await,
            },
            (None, Some(policy)) => policy.groups(user.as_ref()).await,
            (None, None) => Ok(Some(Groups::none())),
        };
        let answer = answer.map_err(|error| {
            events::failed("groups", &error);
            Failure::Unavailable
        });
        let mut memo = self.lock();
        if memo.changes == changes {
            memo.groups = Some(answer);
        }
        drop((memo, turn));
    }

    /// Lets the application's own policy decide.
    pub(crate) async fn ask_policy(
        &self,
        permission: crate::acl::Name<'_>,
        parts: Option<&Parts>,
    ) -> Result<Decision, Failure> {
        let Some(policy) = &self.config.authorization else {
            events::misconfigured(
                "a permission was asked for, but the layer has no policy; add `AuthLayer::with_policy`",
            );
            return Err(Failure::Misconfigured);
        };
        let known = self.when_known(|_| true, |memo| (memo.now, memo.user.clone(), memo.groups.clone())).await?;
        let (now, Some(Ok(user)), Some(Ok(Some(groups)))) = known else {
            return Ok(Decision::Deny(Denial::Barred));
        };
        let request = parts.map(|parts| Incoming::with_lazy_peer(parts, crate::layer::peer_of, now));
        let question = Question::new(user.as_ref(), &groups, permission, request.as_ref());
        match policy.permits(&question).await {
            Ok(true) => Ok(Decision::Allow(crate::acl::Grant::Policy)),
            Ok(false) => Ok(Decision::Deny(Denial::Policy)),
            Err(error) => {
                events::failed("permits", &error);
                Err(Failure::Unavailable)
            }
        }
    }

    /// Makes the following requests, and the rest of this one, carry `identity`.
    pub(crate) async fn remember(&self, identity: &Identity, options: &Remember) -> Result<(), Failure> {
        let (now, identified) = self.before_change()?;
        let effects = self
            .config
            .identity
            .remember(&Occasion::new(now, &identified), identity, options)
            .await
            .map_err(|error| log("remember", &error))?;
        self.change(effects, Identified::known(identity.clone()).with_authenticated_at(now))?;
        events::logged_in(self.user_for_log().as_ref());
        Ok(())
    }

    /// Makes the following requests, and the rest of this one, carry no identity.
    pub(crate) async fn forget(&self) -> Result<(), Failure> {
        let (now, identified) = self.before_change()?;
        let user = self.user_for_log();
        let effects = self
            .config
            .identity
            .forget(&Occasion::new(now, &identified))
            .await
            .map_err(|error| log("forget", &error))?;
        self.change(effects, Identified::anonymous())?;
        events::logged_out(user.as_ref());
        Ok(())
    }

    fn user_for_log(&self) -> Option<UserId> {
        self.lock().user_for_log(&self.config)
    }

    fn before_change(&self) -> Result<(UnixTime, Identified), Failure> {
        let memo = self.lock();
        if memo.closed {
            events::misconfigured(
                "an identity was changed after the response had begun; do it in the handler",
            );
            return Err(Failure::TooLate);
        }
        if memo.foreign {
            return Err(Failure::CrossOrigin);
        }
        // A store that could not be read may still be written to, so a failed look-up counts as "nobody" here.
        let carried = match (&memo.carried, &memo.identified) {
            (Some(carried), _) | (None, Some(Ok(carried))) => carried.clone(),
            (None, Some(Err(_)) | None) => Identified::anonymous(),
        };
        Ok((memo.now, carried))
    }

    fn change(&self, effects: Effects, identified: Identified) -> Result<(), Failure> {
        let mut memo = self.lock();
        if memo.closed {
            events::misconfigured(
                "an identity was changed after the response had begun; do it in the handler",
            );
            return Err(Failure::TooLate);
        }
        let before = memo.identified.replace(Ok(identified));
        if memo.carried.is_none() {
            memo.carried = Some(before.and_then(Result::ok).unwrap_or_default());
        }
        memo.changes = memo.changes.wrapping_add(1);
        memo.user = None;
        memo.groups = None;
        memo.change = Some(effects);
        Ok(())
    }

    /// Ends a request that others may still hold: later changes are refused.
    pub(crate) fn close(&self) -> Outcome {
        self.lock().close(&self.config)
    }

    /// Ends a request that nobody else holds, and makes its memory as good as new.
    pub(crate) fn finish(&mut self) -> Outcome {
        self.memo.clear_poison();
        let memo = self.memo.get_mut().unwrap_or_else(PoisonError::into_inner);
        if memo.is_new() {
            return Outcome::default();
        }
        let outcome = memo.close(&self.config);
        *memo = Memo::default();
        outcome
    }
}

fn log(operation: &'static str, error: &IdentityError) -> Failure {
    events::failed(operation, error);
    Failure::of(error)
}
