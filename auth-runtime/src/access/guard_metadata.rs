//! Describes the guards of a route without a request: [`GuardMetadata`], with the decisions that are known
//! statically.

use std::{collections::BTreeSet, time::Duration};

use auth_acl::__private::Words;

use super::Dependence;
use crate::{
    acl::{Acl, Decision, Name, OverlayRule, OverlayRules, Principals, ResourceDeclaration},
    guard::{GuardKind, Spec, Steps},
};

/// A guard of a route.
#[derive(Clone, Copy, Debug)]
pub struct GuardMetadata {
    spec: &'static Spec,
    /// What is known about the resource whose rules decide
    resource: Option<ResourceDeclaration>,
}

/// What is known about a guard's decision before there is a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum StaticDecision {
    /// It requires a user, or nothing: the decision is known
    Known(bool),
    /// A constant list decides.
    Rules(Decision),
    /// Conditions of a list decide; the first rule that has one
    Conditions(Dependence, Option<usize>),
    /// The application's policy decides.
    Policy,
    /// The scopes of the credential decide.
    Scopes,
    /// The rules of this argument decide.
    Resource(&'static str),
}

impl GuardMetadata {
    pub(crate) const fn new(spec: &'static Spec, resource: Option<ResourceDeclaration>) -> Self {
        Self { spec, resource }
    }

    /// Returns the kind of guard.
    #[must_use]
    pub fn kind(&self) -> GuardKind {
        self.spec.kind
    }

    /// Returns the required permission, or the expression of several as source text.
    #[must_use]
    pub fn permission(&self) -> Option<&'static str> {
        let asks = !matches!(self.kind(), GuardKind::Anybody | GuardKind::AnyUser | GuardKind::ByScope);
        asks.then_some(self.spec.text)
    }

    /// Returns every permission that the guard may ask for.
    #[must_use]
    pub fn permissions(&self) -> Vec<Name<'static>> {
        self.spec.steps().names().filter(|_| self.kind() != GuardKind::ByScope).collect()
    }

    /// Returns the path of the enum that the permissions are variants of: the vocabulary of the policy that decides,
    /// or of the resource.
    #[must_use]
    pub fn vocabulary(&self) -> Option<&'static str> {
        self.words().map(|words| words.owner())
    }

    pub(crate) fn words(self) -> Option<Words> {
        self.spec.words.or_else(|| self.resource.map(|resource| resource.words))
    }

    /// Returns the parameters of the path by which the resource is loaded, as the resource declares them.
    #[must_use]
    pub fn path_parameters(&self) -> &'static [&'static str] {
        self.resource.map_or(&[], |resource| resource.path_parameters)
    }

    /// Returns the name of the list or the argument whose rules decide, as source text.
    #[must_use]
    pub fn context(&self) -> Option<&'static str> {
        Some(self.spec.context).filter(|context| !context.is_empty())
    }

    /// Returns the list whose rules decide.
    #[must_use]
    pub fn acl(&self) -> Option<&Acl> {
        (self.kind() == GuardKind::ByAcl).then_some(&self.spec.list)
    }

    /// Returns the required scopes, or the expression of several as source text.
    #[must_use]
    pub fn scopes(&self) -> Option<&'static str> {
        (self.kind() == GuardKind::ByScope).then_some(self.spec.text)
    }

    /// Returns every scope that the guard names.
    #[must_use]
    pub fn scope_names(&self) -> Vec<String> {
        let names = self.spec.steps().names().filter(|_| self.kind() == GuardKind::ByScope);
        names.map(|name| name.to_string()).collect()
    }

    /// Returns the sets of scopes of which each satisfies the guard, if it requires scopes.
    pub(super) fn sufficient_scopes(self) -> Option<Vec<BTreeSet<String>>> {
        (self.kind() == GuardKind::ByScope).then(|| self.spec.steps().sufficient_sets())
    }

    pub(super) const fn steps(self) -> Steps {
        self.spec.steps()
    }

    /// Returns whether it is a layer around the router or service; otherwise it is part of the handler.
    #[must_use]
    pub fn is_layer(&self) -> bool {
        self.spec.site.is_layer()
    }

    /// Returns how long ago the log-in may be, if the guard requires a recent one.
    #[must_use]
    pub fn max_age(&self) -> Option<Duration> {
        self.spec.step_up.max_age()
    }

    /// Returns the authentication contexts (`acr`) of which the guard requires one; empty if each is accepted.
    #[must_use]
    pub fn acr_values(&self) -> &'static [&'static str] {
        self.spec.step_up.acr_values()
    }

    /// Returns `users` or `services` if the guard accepts only these.
    #[must_use]
    pub fn callers(&self) -> Option<&'static str> {
        self.spec.callers.word()
    }

    /// Returns how many requests of each caller the route takes at once, and the time in which they are refilled.
    #[cfg(feature = "throttle")]
    #[must_use]
    pub fn limit(&self) -> Option<(u32, Duration)> {
        self.spec.limit.and_then(|limit| limit.as_rate())
    }

    /// Returns whether the handler's last argument verifies the CSRF token of a form.
    #[cfg(feature = "csrf")]
    #[must_use]
    pub fn has_csrf_form(&self) -> bool {
        self.spec.csrf_form
    }

    /// Returns whether it responds with 404 to the requests that it rejects.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.spec.hide
    }

    /// Returns whether it loads the resource for anonymous requests too, so that its rules or the policy decide about
    /// them.
    #[must_use]
    pub fn loads_for_anonymous(&self) -> bool {
        self.spec.anonymous && self.spec.loads_argument()
    }

    /// Returns whether it decides when the resource has been read from the body (late guard).
    #[must_use]
    pub fn reads_body_first(&self) -> bool {
        self.spec.from_body
    }

    /// Returns the shadow list, which is evaluated as well and is meant to replace the one that decides.
    #[must_use]
    pub fn shadow(&self) -> Option<&Acl> {
        self.spec.shadow.as_ref().map(|shadow| &shadow.list)
    }

    /// Returns the name of the shadow list, as source text.
    #[must_use]
    pub fn shadow_context(&self) -> Option<&'static str> {
        self.spec.shadow.as_ref().map(|shadow| shadow.context)
    }

    pub(crate) fn reason(self) -> Option<&'static str> {
        self.spec.reason
    }

    pub(crate) fn until(self) -> Option<&'static str> {
        self.spec.until
    }

    /// Returns whether it rejects pre-flight requests (CORS), which have no credential. A policy or a condition may
    /// allow them.
    pub(crate) fn rejects_preflight(self) -> bool {
        match self.static_decision(&Principals::anonymous(), false, None) {
            StaticDecision::Known(allows) => !allows,
            StaticDecision::Rules(decision) => !decision.is_allow(),
            StaticDecision::Conditions(..) | StaticDecision::Policy | StaticDecision::Resource(_) => false,
            StaticDecision::Scopes => true,
        }
    }

    /// Returns the rule of an overlay that decides for these principals, if one does.
    pub(super) fn overlay_rule<'o>(
        self,
        principals: &Principals<'_>,
        overlay: &'o OverlayRules,
    ) -> Option<&'o OverlayRule> {
        match self.static_decision(principals, false, Some(overlay)) {
            StaticDecision::Rules(decision) => overlay.rule_of(decision),
            _ => None,
        }
    }

    /// Returns what is known about the decision without a request; `next` is for the one after the shadow list has
    /// replaced the list.
    pub(crate) fn static_decision(
        self,
        principals: &Principals<'_>,
        next: bool,
        overlay: Option<&OverlayRules>,
    ) -> StaticDecision {
        let spec = self.spec;
        if spec.rejects_anonymous() && principals.user_id().is_none() {
            return StaticDecision::Known(false);
        }
        if principals.user_id().is_some_and(|user| !spec.callers.accept(user)) {
            return StaticDecision::Known(false);
        }
        match spec.kind {
            GuardKind::Anybody | GuardKind::AnyUser => StaticDecision::Known(true),
            GuardKind::ByAcl => {
                let (list, steps) = match &spec.shadow {
                    Some(shadow) if next => (&shadow.list, shadow.steps()),
                    _ => (&spec.list, spec.steps()),
                };
                by_rules(list, steps, principals, overlay)
            }
            GuardKind::ByPolicy => StaticDecision::Policy,
            GuardKind::ByResource => StaticDecision::Resource(spec.context),
            // An anonymous request has no scopes.
            GuardKind::ByScope => StaticDecision::Scopes,
        }
    }
}

/// Decides by a list with all answers to its conditions, if it has any.
fn by_rules(
    list: &Acl,
    steps: Steps,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> StaticDecision {
    let decide =
        |is_at_best| steps.decide(|step| step.decide_statically(list, principals, overlay, is_at_best));
    let worst = decide(false);
    if worst.is_allow() || !list.has_conditions() {
        return StaticDecision::Rules(worst);
    }
    let best = decide(true);
    if !best.is_allow() {
        return StaticDecision::Rules(best);
    }
    let (mut on, mut first) = (Dependence::default(), None);
    for name in steps.names() {
        first = first.or(on.add(list, name, principals, overlay));
    }
    StaticDecision::Conditions(on, first)
}
