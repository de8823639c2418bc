//! Implements [`IdentityPolicy`] for several policies.

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};

use super::{FirstOf, combined_results::View, same_cookie::is_written_by_both};
use crate::{
    answer_future::Answer,
    identity::{
        Challenge, Challenges, ChangeContext, ConcealedCredentials, DataEdits, Effects, Identification,
        Identified, Identity, IdentityError, IdentityPolicy, Incoming, LoginOptions, realm,
    },
};

#[async_trait]
impl IdentityPolicy for FirstOf {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        let mut found = Vec::with_capacity(self.policies.len());
        let mut policies = self.policies.iter();
        while let Some(policy) = policies.next() {
            match policy.identify(request) {
                Answer::Now(Ok(one)) => found.push(one),
                Answer::Now(Err(error)) => return Answer::Now(Err(error)),
                Answer::Later(later) => {
                    return Answer::later(async move {
                        found.push(later.await?);
                        for policy in policies {
                            found.push(policy.identify(request).await?);
                        }
                        Ok(self.together(found))
                    });
                }
            }
        }
        Answer::Now(Ok(self.together(found)))
    }

    async fn remember(
        &self,
        context: &ChangeContext<'_>,
        identity: &Identity,
        options: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        let now = context.now();
        // An impersonation uses the policy of the impersonator's own credential.
        let at = match Self::finder(context.current()) {
            Some(finder) if options.authenticated_at().is_some() => finder,
            _ => self.login,
        };
        let view = View::of(context, at);
        let begun = self.policy(at)?.remember(&view.context(now), identity, options).await;
        let mut effects = begun.map_err(|error| self.blame(at, error))?;
        let known = || Identified::known(identity.clone()).with_authenticated_at(now);
        let found = effects.take_identified().unwrap_or_else(known);
        if at != self.login && found.actor() != options.actor() {
            return Err(IdentityError::forbidden("this credential does not keep who acts for a user"));
        }
        // A cookie of another user would contradict the new one from the next request on.
        for other in (0..self.policies.len()).filter(|other| *other != at) {
            let view = View::of(context, other);
            if view.is_presented() && self.is_ambient_at(other, view.carried()) {
                let forgotten = self.policy(other)?.forget(&view.context(now)).await;
                let mut forgotten = forgotten.map_err(|error| self.blame(other, error))?;
                // Fail if an old log-in cannot be ended: it would outlive the new one.
                if let Some(failure) = forgotten.take_failure() {
                    return Err(failure);
                }
                // The removal would come last and log the user out again.
                if is_written_by_both(&effects, &forgotten) {
                    return Err(IdentityError::misconfigured(
                        "two policies of a `FirstOf` have the same cookie; add `with_cookie_name` to one of them",
                    ));
                }
                effects = effects.and(forgotten);
            }
        }
        Ok(effects.with_identified(self.only(at, found)))
    }

    async fn forget(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let now = context.now();
        let mut effects = Effects::none();
        let mut is_known = Self::finder(context.current());
        for (at, policy) in self.policies.iter().enumerate() {
            let view = View::of(context, at);
            let concerns =
                at == self.login || (view.is_presented() && self.is_ambient_at(at, view.carried()));
            if !concerns {
                continue;
            }
            // If one policy fails, the others still run.
            effects = effects.and(match policy.forget(&view.context(now)).await {
                Ok(forgotten) => forgotten,
                Err(error) => Effects::none().with_failure(self.blame(at, error)),
            });
            if view.current().identity().is_some() {
                is_known = None;
            }
        }
        // Policies so far are not involved with this user.
        if let Some(at) = is_known {
            let view = View::of(context, at);
            let forgotten = self.policy(at)?.forget(&view.context(now)).await;
            effects = effects.and(forgotten.map_err(|error| self.blame(at, error))?);
        }
        Ok(effects.with_identified(self.only(self.login, Identified::anonymous())))
    }

    async fn renew(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let mut effects = Effects::none();
        for (at, policy) in self.policies.iter().enumerate() {
            let view = View::of(context, at);
            if view.carried().identity().is_some() && view.carried().is_renewal_due() {
                effects = effects.and(policy.renew(&view.context(context.now())).await?);
            }
        }
        Ok(effects)
    }

    async fn rotate(&self, context: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        let is_anonymous = Self::finder(context.current()).is_none();
        let mut effects = Effects::none();
        let mut changed = Vec::new();
        for (at, policy) in self.policies.iter().enumerate() {
            let view = View::of(context, at);
            if view.current().identity().is_some() || (is_anonymous && at == self.login) {
                let mut rotated = policy.rotate(&view.context(context.now())).await?;
                changed.extend(rotated.take_identified().map(|found| (at, found)));
                effects = effects.and(rotated);
            }
        }
        Ok(effects.with_identified(self.with(context.current(), changed)))
    }

    async fn store(&self, context: &ChangeContext<'_>, edits: &DataEdits) -> Result<Effects, IdentityError> {
        let at = Self::keeper(context.current()).unwrap_or(self.login);
        let view = View::of(context, at);
        let stored = self.policy(at)?.store(&view.context(context.now()), edits).await;
        let mut effects = stored.map_err(|error| self.blame(at, error))?;
        let changed = effects.take_identified().map(|found| (at, found));
        Ok(effects.with_identified(self.with(context.current(), changed.into_iter().collect())))
    }

    /// Returns whether all of them end their credentials; one that needs a denylist needs it for all.
    fn ends_credentials(&self) -> bool {
        self.policies.iter().all(|policy| policy.ends_credentials())
    }

    fn conceal(&self, headers: &mut HeaderMap, concealed: &mut ConcealedCredentials) {
        for policy in &self.policies {
            policy.conceal(headers, concealed);
        }
    }

    fn is_ambient(&self) -> bool {
        self.policies.iter().any(|policy| policy.is_ambient())
    }

    fn challenge(&self) -> HeaderValue {
        let first = self.policies.first().map(|policy| policy.challenge());
        first.unwrap_or_else(realm::of_cookies)
    }

    fn challenges(&self, why: Challenge<'_>) -> Challenges {
        self.policies.iter().map(|policy| policy.challenges(why)).collect()
    }

    fn vary(&self) -> HeaderValue {
        self.vary.clone()
    }
}

impl FirstOf {
    fn policy(&self, at: usize) -> Result<&dyn IdentityPolicy, IdentityError> {
        let policy = self.policies.get(at).map(|policy| &**policy);
        policy.ok_or(IdentityError::misconfigured("no policy supports this"))
    }

    /// Where log-ins use another policy, the client has chosen a credential that cannot do this, such as an
    /// API key: that is not a mistake of the application.
    fn blame(&self, at: usize, error: IdentityError) -> IdentityError {
        if at == self.login { error } else { error.of_credential() }
    }
}
