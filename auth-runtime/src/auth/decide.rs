//! Decisions about what is known of a request's user.

use std::time::Duration;

use http::request::Parts;

use super::{facts::Facts, failure::Failure, request_state::RequestState};
use crate::{
    acl::{Decision, Denial, Grant, Name, Principals},
    authorization::Question,
    events,
    identity::Incoming,
    layer::{Config, peer_of},
};

/// How far the clocks of two instances may be apart.
const LEEWAY: Duration = Duration::from_mins(1);

/// What a guard needs to know that demands no more than a user.
#[derive(Clone, Copy)]
pub(crate) enum Standing {
    Anonymous,
    Authenticated,
    /// Everything is denied to the user.
    Blocked,
}

impl Facts {
    /// Returns whether the user is known, and whether everything is denied to them.
    pub(crate) async fn standing_of_user(&self, config: &Config) -> Result<Standing, Failure> {
        if self.user(config).await?.is_none() {
            return Ok(Standing::Anonymous);
        }
        if config.may_bar() {
            self.groups(config).await?;
        }
        Ok(if self.principals().is_barred() { Standing::Blocked } else { Standing::Authenticated })
    }

    /// Returns whether the credential tells of a log-in that is at most so long ago.
    ///
    /// The clocks of two instances differ a little, so a log-in may lie a minute ahead.
    pub(crate) fn is_fresh(&self, config: &Config, max_age: Duration) -> Result<bool, Failure> {
        let now = config.clock.now();
        let Some(login) = self.usable()?.authenticated_at() else { return Ok(false) };
        Ok(now.since(login) <= max_age && login <= now.plus(LEEWAY))
    }
}

impl RequestState {
    /// Resolves the user and the groups, and shows them.
    pub(crate) async fn look<T>(&self, look: impl FnOnce(&Principals<'_>) -> T) -> Result<T, Failure> {
        let facts = self.facts();
        facts.groups(self.config()).await?;
        Ok(look(&facts.principals()))
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
        let facts = self.facts();
        let Some(groups) = facts.groups(self.config()).await? else {
            return Ok(Decision::Deny(Denial::Barred));
        };
        let user = facts.user(self.config()).await?;
        let request = parts.map(|parts| Incoming::with_lazy_peer(parts, peer_of, facts.at()));
        let question = Question::new(user, groups, permission, request.as_ref());
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
