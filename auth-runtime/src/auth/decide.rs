//! Decisions about what is known of a request's user.

use std::time::Duration;

use http::request::Parts;

use super::{failure::Failure, state::RequestState};
use crate::{
    acl::{Decision, Denial, Grant, Name, Principals},
    authorization::Question,
    events,
    identity::Incoming,
    layer::peer_of,
};

/// How far the clocks of two machines may be apart.
const LEEWAY: Duration = Duration::from_mins(1);

/// What a guard that demands no more than a user wants to know.
#[derive(Clone, Copy)]
pub(crate) enum Standing {
    Barred,
    Known,
    Nobody,
}

impl RequestState {
    /// Returns whether a user is known, and whether everything is denied to them.
    pub(crate) async fn standing(&self) -> Result<Standing, Failure> {
        let needs_groups = |user: Option<&str>| user.is_some() && self.config().may_bar();
        self.when_known(needs_groups, |memo| match memo.user {
            Some(Ok(Some(_))) if memo.principals().is_barred() => Standing::Barred,
            Some(Ok(Some(_))) => Standing::Known,
            _ => Standing::Nobody,
        })
        .await
    }

    /// Returns whether the credential tells of a log-in that is at most so long ago.
    ///
    /// Two machines' clocks differ a little, so a log-in may lie a minute ahead. What lies further ahead is no log-in.
    pub(crate) fn is_fresh(&self, max_age: Duration) -> Result<bool, Failure> {
        let now = self.config().clock.now();
        let Some(at) = self.lock().known()?.authenticated_at() else { return Ok(false) };
        Ok(now.since(at) <= max_age && at <= now.plus(LEEWAY))
    }

    /// Decides by rules; groups are asked for only when they can matter.
    pub(crate) async fn decide(
        &self,
        needs_groups: impl Fn(Option<&str>) -> bool,
        decide: impl FnOnce(&Principals<'_>) -> Decision,
    ) -> Result<Decision, Failure> {
        let needs_groups = |user: Option<&str>| self.config().may_bar() || needs_groups(user);
        self.when_known(needs_groups, |memo| decide(&memo.principals())).await
    }

    /// Looks at the user and the groups.
    pub(crate) async fn look<T>(&self, look: impl FnOnce(&Principals<'_>) -> T) -> Result<T, Failure> {
        self.when_known(|_| true, |memo| look(&memo.principals())).await
    }

    /// Looks at the user and the groups as far as they have been found out.
    pub(crate) fn look_now<T>(&self, look: impl FnOnce(&Principals<'_>) -> T) -> T {
        look(&self.lock().principals())
    }

    /// Decides by what has been found out already: the user and the groups.
    pub(crate) fn decide_now(
        &self,
        decide: impl FnOnce(&Principals<'_>) -> Decision,
    ) -> Result<Decision, Failure> {
        let memo = self.lock();
        match (&memo.user, &memo.groups) {
            (Some(Ok(_)), Some(Ok(_))) => Ok(decide(&memo.principals())),
            (Some(Err(failure)), _) | (_, Some(Err(failure))) => Err(*failure),
            // Somebody changed the user after the question was prepared.
            (None, _) | (_, None) => Err(Failure::Unavailable),
        }
    }

    /// Lets the application's own policy decide.
    pub(crate) async fn ask_policy(
        &self,
        permission: Name<'_>,
        parts: Option<&Parts>,
    ) -> Result<Decision, Failure> {
        let Some(policy) = &self.config().authorization else {
            events::misconfigured(
                "a permission was asked for, but the layer has no policy; add `AuthLayer::with_policy`",
            );
            return Err(Failure::Misconfigured);
        };
        let known =
            self.when_known(|_| true, |memo| (memo.now, memo.user.clone(), memo.groups.clone())).await?;
        let (now, Some(Ok(user)), Some(Ok(Some(groups)))) = known else {
            return Ok(Decision::Deny(Denial::Barred));
        };
        let request = parts.map(|parts| Incoming::with_lazy_peer(parts, peer_of, now));
        let question = Question::new(user.as_ref(), &groups, permission, request.as_ref());
        match policy.permits(&question).await {
            Ok(true) => Ok(Decision::Allow(Grant::Policy)),
            Ok(false) => Ok(Decision::Deny(Denial::Policy)),
            Err(error) => {
                events::failed("permits", &error);
                Err(Failure::Unavailable)
            }
        }
    }
}
