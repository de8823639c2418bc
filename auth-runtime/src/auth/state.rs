//! What one request has found out about its user: everything asked at most once, shared by guards and handlers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;

use super::failure::Failure;
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
    /// Held while something slow is asked, so that two tasks of one request do not ask twice.
    gate: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Memo {
    now: UnixTime,
    identified: Option<Result<Identified, Failure>>,
    /// An unsafe request that another origin made the browser send
    foreign: bool,
    user: Option<Result<Option<UserId>, Failure>>,
    /// Within: `None` for a user who is barred
    groups: Option<Result<Option<Groups>, Failure>>,
    /// What the request carried, once `identified` is something else
    carried: Option<Identified>,
    /// How often the identity was changed: an answer about the user before is none about the user after
    changes: u32,
    read: bool,
    change: Option<Effects>,
    facts: Option<Facts>,
    closed: bool,
}

/// What the layer has to do when the response is there.
pub(crate) struct Outcome {
    /// Somebody asked who the user is
    pub(crate) read: bool,
    /// What `remember` or `forget` want to be written
    pub(crate) change: Option<Effects>,
    /// The credential wants to be renewed, if the response is a success; the user is for the log
    pub(crate) renewal: Option<(UnixTime, Identified, Option<UserId>)>,
    /// What is known of the request, when a handler holds an `Auth`
    pub(crate) facts: Option<Facts>,
}

impl RequestState {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self { config, memo: Mutex::default(), gate: tokio::sync::Mutex::default() }
    }

    /// Makes a state that nobody else holds as good as new.
    pub(crate) fn reset(&mut self) {
        *self.memo.get_mut().unwrap_or_else(PoisonError::into_inner) = Memo::default();
        self.memo.clear_poison();
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
            let (Some(policy), Some(identity)) = (&self.config.authorization, identity) else {
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
            Ok(Some(_)) if self.config.authorization.is_some() => return None,
            Ok(Some(identity)) => Ok(Some(identity.to_user_id())),
        };
        memo.user = Some(answer.clone());
        Some(answer)
    }

    /// Finds the groups; the user must have been asked for.
    async fn find_groups(&self) -> Result<(), Failure> {
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
        if let Some(source) = &self.config.groups {
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
        let Some(policy) = &self.config.authorization else {
            return self.note_groups(Ok(Some(Groups::none())), changes);
        };
        let _gate = self.gate.lock().await;
        if self.lock().wants_groups(changes) {
            self.note_groups(policy.groups(user).await, changes);
        }
    }

    fn note_groups(&self, answer: Result<Option<Groups>, crate::BoxError>, changes: u32) {
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
        if !self.config.may_bar() {
            return Ok(false);
        }
        loop {
            self.find_groups().await?;
            if let Some(answer) = &self.lock().groups {
                return answer.as_ref().map(Option::is_none).map_err(|failure| *failure);
            }
        }
    }

    /// Decides by rules; groups are asked for only when they can matter.
    pub(crate) async fn decide(
        &self,
        needs_groups: impl Fn(Option<&str>) -> bool,
        decide: impl FnOnce(&Principals<'_>) -> Decision,
    ) -> Result<Decision, Failure> {
        loop {
            let user = self.user().await?;
            let needed = self.config.may_bar() || needs_groups(user.as_deref());
            if needed {
                self.find_groups().await?;
            }
            let memo = self.lock();
            if memo.is_about(user.as_ref()) && (!needed || memo.groups.is_some()) {
                return Ok(decide(&memo.principals()));
            }
        }
    }

    /// Returns a user and that user's groups.
    async fn user_in_groups(&self) -> Result<(Option<UserId>, Option<Groups>), Failure> {
        loop {
            let user = self.user().await?;
            let groups = self.groups().await?;
            if self.lock().is_about(user.as_ref()) {
                return Ok((user, groups));
            }
        }
    }

    /// Decides by what has been found out already.
    pub(crate) fn decide_now(&self, decide: impl FnOnce(&Principals<'_>) -> Decision) -> Decision {
        decide(&self.lock().principals())
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
        let (user, groups) = self.user_in_groups().await?;
        let Some(groups) = groups else { return Ok(Decision::Deny(Denial::Barred)) };
        let now = self.lock().now;
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

    /// Ends the request: later changes are refused.
    pub(crate) fn close(&self) -> Outcome {
        let mut memo = self.lock();
        memo.closed = true;
        let renewal = match &memo.identified {
            Some(Ok(identified))
                if memo.read && !memo.foreign && memo.change.is_none() && identified.is_renewal_due() =>
            {
                Some((memo.now, identified.clone(), memo.user_for_log(&self.config)))
            }
            _ => None,
        };
        Outcome { read: memo.read, change: memo.change.take(), renewal, facts: memo.facts.take() }
    }
}

fn log(operation: &'static str, error: &IdentityError) -> Failure {
    events::failed(operation, error);
    Failure::of(error)
}

impl Memo {
    /// What was found, unless it must not be used.
    fn known(&self) -> Result<&Identified, Failure> {
        match &self.identified {
            Some(Ok(identified)) if self.foreign && identified.identity().is_some() => {
                Err(Failure::CrossOrigin)
            }
            Some(Ok(identified)) => Ok(identified),
            Some(Err(failure)) => Err(*failure),
            None => Err(Failure::Misconfigured),
        }
    }

    fn groups_done(&self) -> Option<Result<(), Failure>> {
        self.groups.as_ref().map(|answer| answer.as_ref().map(|_| ()).map_err(|failure| *failure))
    }

    /// Returns whether the groups of this generation are still to be found.
    const fn wants_groups(&self, changes: u32) -> bool {
        self.changes == changes && self.groups.is_none()
    }

    /// Returns whether this is still the user.
    fn is_about(&self, user: Option<&UserId>) -> bool {
        matches!(&self.user, Some(Ok(known)) if known.as_ref() == user)
    }

    /// The user's id as far as it is known. Where a policy makes it of the identity, the identity is not for logs: it
    /// may be as good as a password.
    fn user_for_log(&self, config: &Config) -> Option<UserId> {
        match (&self.user, &self.identified) {
            (Some(Ok(user)), _) => user.clone(),
            (_, Some(Ok(identified))) if config.authorization.is_none() => {
                identified.identity().map(Identity::to_user_id)
            }
            _ => None,
        }
    }

    fn principals(&self) -> Principals<'_> {
        let user = match &self.user {
            Some(Ok(user)) => user.as_deref(),
            _ => None,
        };
        match &self.groups {
            Some(Ok(None)) => Principals::barred(),
            Some(Ok(Some(groups))) => Principals::new(user, Some(groups)),
            _ => Principals::new(user, None),
        }
    }
}
