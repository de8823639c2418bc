//! Decides by an ACL about the resolved user of a request.

use std::time::Duration;

use auth_acl::__private::{Evaluation, begin};
use http::request::Parts;

use super::{AuthError, credential_facts::Facts, request_state::RequestState};
use crate::{
    acl::{Decision, Name, OverlayRules, Principals, Rule},
    config::Config,
    error_kind::AuthErrorKind,
    identity::{Acr, StepUp, UserId},
};

/// The accepted clock skew between two instances.
pub(super) const LEEWAY: Duration = Duration::from_mins(1);

impl Facts {
    /// Returns the user, or the error that rejects an anonymous request (401) or a blocked user (403).
    pub(crate) async fn authorized_user(&self, config: &Config, parts: &Parts) -> Result<&UserId, AuthError> {
        if self.user(config).await?.is_some() && config.may_bar() {
            self.groups(config, parts).await?;
        }
        match self.known_user() {
            None => Err(AuthError::unauthenticated()),
            Some(_) if self.principals().is_blocked() => Err(AuthError::forbidden()),
            Some(user) => Ok(user),
        }
    }

    /// Rejects requests whose log-in is not recent or not strong enough (step-up authentication).
    pub(crate) fn check_step_up(&self, config: &Config, wanted: StepUp) -> Result<(), AuthError> {
        if wanted.is_none() {
            return Ok(());
        }
        if self.known_user().is_none() {
            return Err(AuthError::unauthenticated());
        }
        let accepted = wanted.acr_values();
        if !accepted.is_empty() && !self.is_probe() {
            let acr = self.usable()?.acr().map(Acr::as_str);
            if !acr.is_some_and(|acr| accepted.contains(&acr)) {
                return Err(AuthError::new(AuthErrorKind::InsufficientAcr { accepted }));
            }
        }
        match wanted.max_age() {
            Some(max_age) if !self.is_fresh(config, max_age)? => {
                Err(AuthError::new(AuthErrorKind::Stale { max_age }))
            }
            _ => Ok(()),
        }
    }

    /// Returns whether the user authenticated at most so long ago.
    ///
    /// With clock skew between instances, a log-in may be up to a minute in the future.
    fn is_fresh(&self, config: &Config, max_age: Duration) -> Result<bool, AuthError> {
        Ok(self.is_younger(config, max_age)?.unwrap_or(false))
    }

    /// As [`is_fresh`](Self::is_fresh), but `None` if the time is not known.
    pub(super) fn is_younger(&self, config: &Config, max_age: Duration) -> Result<Option<bool>, AuthError> {
        let (now, login) = (config.clock.now(), self.usable()?.proven_at());
        Ok(login.map(|login| now.since(login) <= max_age && login <= now.plus(LEEWAY)))
    }
}

impl RequestState {
    /// Resolves the user and the groups, and passes them to a function.
    pub(crate) async fn look<T>(
        &self,
        parts: &Parts,
        look: impl FnOnce(&Principals<'_>) -> T,
    ) -> Result<T, AuthError> {
        let facts = self.facts();
        facts.groups(self.config(), parts).await?;
        Ok(look(&facts.principals()))
    }

    /// Decides by rules, and returns the rule that decided.
    pub(crate) async fn decide<'r>(
        &self,
        parts: &Parts,
        (rules, overlay): (impl IntoIterator<Item = Rule<'r>>, Option<&OverlayRules>),
        permission: Name<'_>,
    ) -> Result<(Decision, Option<Rule<'r>>), AuthError> {
        let (before, rules) =
            match self.look(parts, |principals| begin(rules, permission, principals, overlay)).await? {
                Evaluation::Decided(decision, rule) => return Ok((decision, rule)),
                Evaluation::Open(before, rules) => (before, rules),
            };
        // Few lists have conditions, and this future is part of the handler's.
        let facts = self.facts();
        let decision =
            Box::pin(facts.decide_by_conditions(self.config(), parts, (&rules, overlay), permission)).await?;
        let rule = decision.rule().and_then(|at| rules.get(at)).copied();
        Ok((decision.after(before), rule))
    }
}
