//! Judges a request by a guard's data: from [`Spec`] to [`GuardDecision`].

use std::{any::Any, sync::Arc};

use http::request::Parts;

use super::{
    GuardKind, Spec,
    permission_expression::{NO_RULE, Steps},
};
use crate::{
    acl::{Acl, Decision, Grant, Name, OverlayRules},
    auth::{AuthError, Facts, GuardDecision, PolicyQuestion, RequestState},
    config::Config,
    error_kind::AuthErrorKind,
    identity::UserId,
};

/// Decides about a request whose credential was resolved.
pub(super) async fn judge(
    state: &RequestState,
    facts: &Facts,
    parts: &Parts,
    spec: &Spec,
) -> Result<GuardDecision, AuthError> {
    let (config, mut steps) = (state.config(), spec.steps());
    let decision = match spec.kind {
        GuardKind::Anybody => return Ok(GuardDecision::allowed("anonymous")),
        GuardKind::AnyUser => {
            facts.authorized_user(config, parts).await?;
            return Ok(GuardDecision::allowed("authenticated"));
        }
        GuardKind::ByScope => return by_scopes(facts, config, parts, steps).await,
        GuardKind::ByAcl => {
            let overlay = overlay_of(facts, config, &spec.list);
            let overlay = overlay.as_ref();
            let decision =
                by_rules(facts, config, parts, (&spec.list, overlay), &mut steps, |name, decision| {
                    count(parts, &spec.list, name, decision);
                });
            let decision = decision.await?;
            let id_at = |at: usize| spec.list.rules().get(at)?.id();
            let judged = GuardDecision::of_rules(facts, Ok(decision)).with_rule_id(id_at);
            return Ok(judged.with_overlay(overlay, decision));
        }
        GuardKind::ByPolicy => Box::pin(by_policy(config, facts, parts, spec, None)).await?,
        // The resource has to be loaded first; its rules decide then.
        GuardKind::ByResource => NO_RULE,
    };
    Ok(GuardDecision::of_rules(facts, Ok(decision)))
}

/// Returns the rules of overlays, if the list declares one. Without a declaration it costs a branch. A
/// simulated request is decided by the constant list, as in the access table.
pub(super) fn overlay_of(facts: &Facts, config: &Config, list: &Acl) -> Option<Arc<OverlayRules>> {
    if list.is_overlaid() && !facts.is_probe() { config.overlay_rules() } else { None }
}

/// Evaluates the permissions of an expression by a list and its overlay. Groups are resolved only if a rule
/// needs them, or might block the user.
pub(super) async fn by_rules(
    facts: &Facts,
    config: &Config,
    parts: &Parts,
    (list, overlay): (&Acl, Option<&Arc<OverlayRules>>),
    steps: &mut Steps,
    note: impl Fn(Name<'_>, Decision),
) -> Result<Decision, AuthError> {
    while let Some(step) = steps.step() {
        let user = facts.user(config).await?;
        let overlay_needs_groups = overlay.is_some_and(|overlay| overlay.names_groups());
        if config.may_bar() || overlay_needs_groups || step.needs_groups(user.map(UserId::as_str)) {
            facts.groups(config, parts).await?;
        }
        let rules = overlay.map(|overlay| &**overlay);
        let decision = if let Some(decision) = step.decide(list, &facts.principals(), rules) {
            decision
        } else {
            // This future is part of the handler's, so a rarely used one is boxed.
            Box::pin(facts.decide_by_conditions(config, parts, (list.rules(), rules), step.permission))
                .await?
        };
        note(step.permission, decision);
        if let Some(decision) = steps.go(step, decision) {
            return Ok(decision);
        }
    }
    Ok(NO_RULE)
}

/// Asks the application's own policy about each permission of an expression.
pub(super) async fn by_policy(
    config: &Config,
    facts: &Facts,
    parts: &Parts,
    spec: &Spec,
    resource: Option<&(dyn Any + Send + Sync)>,
) -> Result<Decision, AuthError> {
    let mut steps = spec.steps();
    while let (Some(step), Some(words)) = (steps.step(), spec.words) {
        let question = PolicyQuestion { permission: step.permission, words, resource };
        let decision = facts.ask_policy(config, question, parts).await?;
        if let Some(decision) = steps.go(step, decision) {
            return Ok(decision);
        }
    }
    Ok(NO_RULE)
}

/// Requires a user who is not blocked, and checks the scopes of the credential.
async fn by_scopes(
    facts: &Facts,
    config: &Config,
    parts: &Parts,
    steps: Steps,
) -> Result<GuardDecision, AuthError> {
    facts.authorized_user(config, parts).await?;
    let Some(scopes) = facts.usable()?.scopes() else {
        return Err(AuthError::new(AuthErrorKind::InsufficientScope));
    };
    let decision = steps.decide(|step| match step.permission {
        Name::Text(scope) if scopes.contains(scope) => Decision::Allow(Grant::Policy),
        _ => NO_RULE,
    });
    if decision.is_allow() {
        Ok(GuardDecision::allowed("scope"))
    } else {
        Err(AuthError::new(AuthErrorKind::InsufficientScope))
    }
}

/// Counts the rule that decided, unless a test is only comparing guards with the access table.
fn count(parts: &Parts, list: &Acl, permission: Name<'_>, decision: Decision) {
    #[cfg(feature = "rule-hits")]
    if crate::guard_probe::Probe::of(&parts.extensions).is_none() {
        crate::hits::count(list, permission, decision);
    }
    #[cfg(not(feature = "rule-hits"))]
    let _ = (parts, list, permission, decision);
}
