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
    /// The credential wants to be renewed, if the response is a success
    pub(crate) renewal: Option<(UnixTime, Identified)>,
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
        if let Some(done) = self.user_now() {
            return done;
        }
        let (Some(policy), Some(identity)) = (&self.config.authorization, self.identity()?) else {
            return Ok(None);
        };
        let answer = policy.authorized_userid(&identity).await.map_err(|error| {
            events::failed("authorized_userid", &error);
            Failure::Unavailable
        });
        self.lock().user = Some(answer.clone());
        answer
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
        if let Some(done) = self.lock().groups_done() {
            return done;
        }
        let user = self.user().await?;
        if let Some(source) = &self.config.groups {
            match source.groups(user.as_ref()) {
                Answer::Now(answer) => return self.note_groups(answer),
                Answer::Later(future) => {
                    let _gate = self.gate.lock().await;
                    if let Some(done) = self.lock().groups_done() {
                        return done;
                    }
                    return self.note_groups(future.await);
                }
            }
        }
        let Some(policy) = &self.config.authorization else {
            return self.note_groups(Ok(Some(Groups::none())));
        };
        let _gate = self.gate.lock().await;
        if let Some(done) = self.lock().groups_done() {
            return done;
        }
        self.note_groups(policy.groups(user.as_ref()).await)
    }

    fn note_groups(&self, answer: Result<Option<Groups>, crate::BoxError>) -> Result<(), Failure> {
        let answer = answer.map_err(|error| {
            events::failed("groups", &error);
            Failure::Unavailable
        });
        let done = answer.as_ref().map(|_| ()).map_err(|failure| *failure);
        self.lock().groups = Some(answer);
        done
    }

    /// Returns the groups; `None` for a user who is barred.
    pub(crate) async fn groups(&self) -> Result<Option<Groups>, Failure> {
        self.find_groups().await?;
        match &self.lock().groups {
            Some(answer) => answer.clone(),
            None => Ok(Some(Groups::none())),
        }
    }

    /// Returns whether everything is denied to the user.
    pub(crate) async fn is_barred(&self) -> Result<bool, Failure> {
        if !self.config.may_bar() {
            return Ok(false);
        }
        self.find_groups().await?;
        Ok(self.lock().principals().is_barred())
    }

    /// Decides by rules; groups are asked for only when they can matter.
    pub(crate) async fn decide(
        &self,
        needs_groups: impl Fn(Option<&str>) -> bool,
        decide: impl FnOnce(&Principals<'_>) -> Decision,
    ) -> Result<Decision, Failure> {
        let user = self.user().await?;
        if self.config.may_bar() || needs_groups(user.as_deref()) {
            self.find_groups().await?;
        }
        Ok(decide(&self.lock().principals()))
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
        let user = self.user().await?;
        let Some(groups) = self.groups().await? else { return Ok(Decision::Deny(Denial::Barred)) };
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
        events::logged_in(&identity.to_user_id());
        Ok(())
    }

    /// Makes the following requests, and the rest of this one, carry no identity.
    pub(crate) async fn forget(&self) -> Result<(), Failure> {
        let (now, identified) = self.before_change()?;
        let effects = self
            .config
            .identity
            .forget(&Occasion::new(now, &identified))
            .await
            .map_err(|error| log("forget", &error))?;
        self.change(effects, Identified::anonymous())?;
        events::logged_out(identified.identity().map(Identity::to_user_id).as_ref());
        Ok(())
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
        let identified = match &memo.identified {
            Some(Ok(identified)) => identified.clone(),
            Some(Err(_)) | None => Identified::anonymous(),
        };
        Ok((memo.now, identified))
    }

    fn change(&self, effects: Effects, identified: Identified) -> Result<(), Failure> {
        let mut memo = self.lock();
        if memo.closed {
            events::misconfigured(
                "an identity was changed after the response had begun; do it in the handler",
            );
            return Err(Failure::TooLate);
        }
        memo.identified = Some(Ok(identified));
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
            Some(Ok(identified)) if memo.read && memo.change.is_none() && identified.is_renewal_due() => {
                Some((memo.now, identified.clone()))
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
