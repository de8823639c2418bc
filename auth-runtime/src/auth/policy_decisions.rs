//! Asks the application's own authorization policy, for guards, handlers and watches: [`PolicyQuestion`].

use std::any::Any;

use auth_acl::__private::Words;
use http::request::Parts;

use super::{Auth, AuthError, Facts, GuardDecision};
use crate::{
    acl::{Decision, Denial, Grant, Name, Permission, Vocabulary},
    answer_future::Answer,
    authorization::{PolicyDecision, Question},
    config::{Config, incoming},
    events,
    identity::UserId,
    telemetry::{LookUp, timed},
};

/// A question to the policy.
#[derive(Clone, Copy)]
pub(crate) struct PolicyQuestion<'a> {
    pub(crate) permission: Name<'a>,
    /// The permissions of the enum that it is a variant of
    pub(crate) words: Words,
    pub(crate) resource: Option<&'a (dyn Any + Send + Sync)>,
}

/// The message for a policy that answers for another enum.
pub(crate) fn wrong_vocabulary(permission: &str, asked: &Words, policy: &Words) -> String {
    let (own, of_policy) = (asked.owner(), policy.owner());
    format!(
        "the permission `{permission}` of `{own}` is asked for, but the policy answers for `{of_policy}`; ask for a \
         variant of `{of_policy}`, or write `type Permission = {};` in the policy",
        asked.enum_name()
    )
}

impl Facts {
    /// Asks the policy, and logs the reason of a denial.
    pub(crate) async fn ask_policy(
        &self,
        config: &Config,
        question: PolicyQuestion<'_>,
        parts: &Parts,
    ) -> Result<Decision, AuthError> {
        Ok(match self.policy_decision(config, question, parts).await? {
            None => Decision::Deny(Denial::Blocked),
            Some(PolicyDecision::Allow) => Decision::Allow(Grant::Policy),
            Some(PolicyDecision::Abstain) => Decision::Deny(Denial::Abstained),
            Some(PolicyDecision::Deny(reason)) => {
                events::policy_reason(self.known_user(), &question.permission, &reason);
                Decision::Deny(Denial::Policy)
            }
        })
    }

    /// Asks the policy; `None` for a blocked user.
    async fn policy_decision(
        &self,
        config: &Config,
        question: PolicyQuestion<'_>,
        parts: &Parts,
    ) -> Result<Option<PolicyDecision>, AuthError> {
        let Some(policy) = &config.authorization else {
            return Err(AuthError::misconfigured(
                "a permission was asked for, but the layer has no policy; add `AuthLayer::with_policy`",
            ));
        };
        let PolicyQuestion { permission, words, resource } = question;
        if words != policy.words() {
            let message = wrong_vocabulary(&permission.to_string(), &words, &policy.words());
            return Err(AuthError::misconfigured(&message));
        }
        let Some(groups) = self.groups(config, parts).await? else { return Ok(None) };
        let user = self.user(config).await?;
        let request = incoming(parts, self.at());
        let question = Question::new(user, groups, permission, &request);
        let question = resource.map_or(question, |resource| question.about(resource));
        let decision = timed(LookUp::Permits, Answer::Later(policy.permits(&question))).await;
        decision.map(Some).map_err(|error| AuthError::unavailable("permits", &error))
    }
}

impl Auth {
    /// Asks the application's own policy whether the user may do `permission` to `resource`; `&()` asks without a
    /// resource.
    ///
    /// The policy gets the resource by [`Question::resource`], and the head of the request.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Auth, AuthError, Permission};
    ///
    /// #[derive(Clone, Copy, Permission)]
    /// enum Can {
    ///     Approve,
    /// }
    ///
    /// struct Invoice {
    ///     cents: u64,
    /// }
    ///
    /// async fn view(auth: Auth) -> Result<&'static str, AuthError> {
    ///     let invoice = Invoice { cents: 2_500 };
    ///     Ok(if auth.policy_permits(Can::Approve, &invoice).await? { "with a button" } else { "without" })
    /// }
    /// # let _ = view;
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`Misconfigured`](super::AuthErrorKind::Misconfigured) if the layer has no
    /// policy, or one that answers for another enum.
    pub async fn policy_permits<P, T>(&self, permission: P, resource: &T) -> Result<bool, AuthError>
    where
        P: Vocabulary + Permission,
        T: Any + Send + Sync,
    {
        Ok(self.decision_of_policy(&permission, resource).await?.is_some_and(|decision| decision.is_allow()))
    }

    /// Asks the application's own policy, and returns its answer with the reason. A blocked user is denied without
    /// asking it.
    ///
    /// It is meant for logs and consoles, not for the client.
    ///
    /// # Errors
    ///
    /// As [`policy_permits`](Self::policy_permits).
    pub async fn policy_decision<P, T>(
        &self,
        permission: P,
        resource: &T,
    ) -> Result<PolicyDecision, AuthError>
    where
        P: Vocabulary + Permission,
        T: Any + Send + Sync,
    {
        let decision = self.decision_of_policy(&permission, resource).await?;
        Ok(decision.unwrap_or_else(|| PolicyDecision::deny("the user is blocked")))
    }

    /// Returns the user if the application's own policy allows `permission` on `resource`, or else the error that
    /// responds with 401 to an anonymous client and with 403 to others. The decision is logged, with the policy's
    /// reason, which the response does not contain.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Auth, AuthError, Permission};
    ///
    /// #[derive(Clone, Copy, Permission)]
    /// enum Can {
    ///     Approve,
    /// }
    ///
    /// struct Invoice {
    ///     cents: u64,
    /// }
    ///
    /// async fn approve(auth: Auth) -> Result<(), AuthError> {
    ///     let invoice = Invoice { cents: 2_500 };
    ///     auth.check_policy(Can::Approve, &invoice).await?;
    ///     Ok(())
    /// }
    /// # let _ = approve;
    /// ```
    ///
    /// # Errors
    ///
    /// As [`policy_permits`](Self::policy_permits), and if the policy denies the permission or abstains.
    pub async fn check_policy<P, T>(&self, permission: P, resource: &T) -> Result<Option<UserId>, AuthError>
    where
        P: Vocabulary + Permission,
        T: Any + Send + Sync,
    {
        self.state.note_judged();
        let question =
            PolicyQuestion { permission: permission.name(), words: P::WORDS, resource: Some(resource) };
        let decision = self.state.facts().ask_policy(self.state.config(), question, &self.head).await?;
        let user = self.user_id().await?;
        let decision = GuardDecision::of_rules(&self.state.facts(), Ok(decision));
        self.report(&permission.name().to_string(), &decision);
        decision.outcome.map(|()| user)
    }

    async fn decision_of_policy<P, T>(
        &self,
        permission: &P,
        resource: &T,
    ) -> Result<Option<PolicyDecision>, AuthError>
    where
        P: Vocabulary + Permission,
        T: Any + Send + Sync,
    {
        let question =
            PolicyQuestion { permission: permission.name(), words: P::WORDS, resource: Some(resource) };
        self.state.facts().policy_decision(self.state.config(), question, &self.head).await
    }
}
