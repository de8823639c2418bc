//! Decides by an ACL about the resolved user of a request, and rejects anonymous requests and blocked users.

use auth_acl::__private::{Evaluation, begin};
use http::request::Parts;

use super::{AuthError, credential_facts::Facts, request_state::RequestState};
use crate::{
    acl::{Decision, Name, OverlayRules, Principals, Rule},
    config::Config,
    identity::UserId,
};

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
