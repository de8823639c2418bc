//! Decides in handlers by the rules of a resource or a list: [`Auth::permits`], [`Auth::check_permission`] and their like.

use http::request::Parts;

use super::{Auth, AuthError, GuardDecision, request_state::RequestState};
#[cfg(feature = "rule-hits")]
use crate::acl::Rule;
use crate::{
    acl::{
        Condition, ConditionAnswer, Decision, Explanation, Name, OverlayRules, Permission, Resource,
        ResourceFacts, decide_for_if, explain_for_if, rule_id_for, words_of,
    },
    events,
    identity::UserId,
};

/// A resource, and the decision by its rules.
struct Judged<R, T> {
    resource: R,
    decision: Decision,
    why: T,
}

impl<R: Resource, T> Judged<R, T> {
    /// Counts the rule that decided, if it is one of a constant list.
    fn count(&self, permission: Name<'_>) {
        #[cfg(feature = "rule-hits")]
        if let Some(at) = self.decision.rule() {
            let count = |rule: &Rule<'_>| crate::hits::count_rule(rule, permission, self.decision);
            crate::acl::rule_at(&self.resource, at, count);
        }
        #[cfg(not(feature = "rule-hits"))]
        let _ = (self, permission);
    }
}

impl Auth {
    /// Returns whether the rules of `resource`, or those of its ancestors, grant `permission` to the user.
    ///
    /// A guard that names the resource decides in the same way. A list of rules, such as a constant
    /// [`Acl`](crate::Acl), is a [`Resource`], too.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{acl, Acl, Auth, AuthError, Permission, Resource, Rule, User};
    ///
    /// const ARTICLES: Acl = acl![(Allow, Group("editors"), [Can::Edit, Can::Publish])];
    ///
    /// #[derive(Clone, Copy, Permission)]
    /// enum Can {
    ///     Edit,
    ///     Publish,
    /// }
    ///
    /// struct Article {
    ///     owner: String,
    /// }
    ///
    /// impl Resource for Article {
    ///     type Permission = Can;
    ///
    ///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
    ///         [Rule::allow(User(&self.owner), &[Can::Edit])]
    ///     }
    ///
    ///     fn parent(&self) -> Option<impl Resource> {
    ///         Some(ARTICLES)
    ///     }
    /// }
    ///
    /// async fn buttons(auth: &Auth, article: &Article) -> Result<[bool; 2], AuthError> {
    ///     Ok([auth.permits(Can::Edit, article).await?, auth.permits("publish", ARTICLES).await?])
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Auth`]; also fails with [`Misconfigured`](super::AuthErrorKind::Misconfigured) if the resource declares
    /// permissions, and this is not one of them: a misspelt text would be denied to everyone.
    pub async fn permits<R: Resource>(
        &self,
        permission: impl Permission,
        resource: R,
    ) -> Result<bool, AuthError> {
        Ok(self.decide(permission, resource).await?.is_allow())
    }

    /// Decides whether the user may do `permission`, and reports which rule of `resource` and its ancestors decided.
    ///
    /// # Errors
    ///
    /// As [`permits`](Self::permits).
    pub async fn decide<R: Resource>(
        &self,
        permission: impl Permission,
        resource: R,
    ) -> Result<Decision, AuthError> {
        let name = permission_of::<R>(&permission)?;
        let overlay = self.overlay_rules();
        let judged = self.state.judge(&self.head, name, resource, overlay.as_deref(), |_, _| ()).await?;
        judged.count(name);
        Ok(judged.decision)
    }

    /// Decides whether the user may do `permission`, and explains it: the effect of each rule of `resource` and its
    /// ancestors in order, and what would have been sufficient.
    ///
    /// It is meant for logs and consoles, not for the client.
    ///
    /// # Errors
    ///
    /// As [`permits`](Self::permits).
    pub async fn explain<R: Resource>(
        &self,
        permission: impl Permission,
        resource: R,
    ) -> Result<Explanation, AuthError> {
        let name = permission_of::<R>(&permission)?;
        let overlay = self.overlay_rules();
        let judged =
            self.state.judge(&self.head, name, resource, overlay.as_deref(), |_, explain| explain()).await?;
        Ok(judged.why)
    }

    /// Returns the user if the rules of `resource`, or those of its ancestors, allow `permission`, or else the error
    /// that responds with 401 to an anonymous client and with 403 to others. The decision is logged.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Auth, AuthError, Permission, Resource, Rule, User};
    ///
    /// #[derive(Clone, Copy, Permission)]
    /// enum Can {
    ///     Edit,
    /// }
    ///
    /// struct Article {
    ///     owner: String,
    /// }
    ///
    /// impl Resource for Article {
    ///     type Permission = Can;
    ///
    ///     fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
    ///         [Rule::allow(User(&self.owner), &[Can::Edit])]
    ///     }
    /// }
    ///
    /// async fn edit(auth: Auth) -> Result<(), AuthError> {
    ///     let article = Article { owner: "ada".to_owned() };
    ///     auth.check_permission(Can::Edit, &article).await?;
    ///     Ok(())
    /// }
    /// # let _ = edit;
    /// ```
    ///
    /// # Errors
    ///
    /// As [`permits`](Self::permits), and if the rules deny the permission.
    pub async fn check_permission<R: Resource>(
        &self,
        permission: impl Permission,
        resource: R,
    ) -> Result<Option<UserId>, AuthError> {
        self.state.note_judged();
        let name = permission_of::<R>(&permission)?;
        let overlay = self.overlay_rules();
        let if_denied = |decision: Decision, explain: &dyn Fn() -> Explanation| {
            (!decision.is_allow() && events::explanations_wanted()).then(explain)
        };
        let judged = self.state.judge(&self.head, name, resource, overlay.as_deref(), if_denied).await?;
        judged.count(name);
        let user = self.user_id().await?;
        let decision = GuardDecision::of_rules(&self.state.facts(), Ok(judged.decision))
            .with_rule_id(|at| rule_id_for(&judged.resource, at))
            .with_overlay(overlay.as_ref(), judged.decision);
        self.report(&name.to_string(), &decision);
        if let Some(why) = judged.why {
            events::explained(&"handler", &why);
        }
        decision.outcome.map(|()| user)
    }
}

impl RequestState {
    /// Decides by the rules of a resource and of its ancestors, as the guard of an argument does. Conditions are
    /// answered when a rule with one is met. The resource is not borrowed across an `await`, so it need not be `Sync`.
    async fn judge<R: Resource, T>(
        &self,
        head: &Parts,
        name: Name<'_>,
        resource: R,
        overlay: Option<&OverlayRules>,
        why: fn(Decision, &dyn Fn() -> Explanation) -> T,
    ) -> Result<Judged<R, T>, AuthError> {
        let facts = self.facts();
        facts.groups(self.config(), head).await?;
        let principals = facts.principals();
        let mut answers = facts.answers(self.config(), head);
        let decision = loop {
            let known = |condition: &Condition, about: ResourceFacts<'_>| answers.of(condition, Some(about));
            // Not in the `match`: the resource would be borrowed across the `await`.
            let decided = decide_for_if(&resource, name, &principals, overlay, known);
            match decided {
                Ok(decision) => break decision,
                Err(condition) => Box::pin(answers.ask(condition)).await?,
            }
        };
        let known = |condition: &Condition, about: ResourceFacts<'_>| {
            answers.of(condition, Some(about)).unwrap_or(ConditionAnswer::Unknown)
        };
        let why = why(decision, &|| explain_for_if(&resource, name, &principals, overlay, known));
        Ok(Judged { resource, decision, why })
    }

    /// Decides by the rules of a resource, for a watch.
    pub(super) async fn decide_about<R: Resource>(
        &self,
        head: &Parts,
        permission: &impl Permission,
        resource: R,
    ) -> Result<Decision, AuthError> {
        let name = permission_of::<R>(permission)?;
        let overlay = self.config().overlay_rules();
        Ok(self.judge(head, name, resource, overlay.as_deref(), |_, _| ()).await?.decision)
    }
}

/// Returns the name of a permission, unless the resource declares permissions, and this is not one of them.
pub(super) fn permission_of<R: Resource>(permission: &impl Permission) -> Result<Name<'_>, AuthError> {
    let (name, words) = (permission.name(), words_of::<R>());
    let mut known = words.names().map(Name::Text).peekable();
    if known.peek().is_none() || known.any(|own| own == name) {
        return Ok(name);
    }
    let message = format!("a handler asks for `{name}`, which is not a permission of `{}`", words.owner());
    Err(AuthError::misconfigured(&message))
}
