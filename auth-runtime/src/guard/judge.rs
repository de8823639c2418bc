//! From a guard's data and a request to a [`GuardDecision`].

use http::request::Parts;

use super::{
    credential_requirements::{by_all_scopes, by_scopes},
    expression::{AclStep, PermissionStep, Walk},
    requirement::Requirement,
};
use crate::{
    acl::{Acl, Decision, Denial, Name, decide},
    auth::{AuthError, Facts, GuardDecision, RequestState},
    config::Config,
    identity::UserId,
};

/// Decides about a request whose credential was resolved.
pub(super) async fn judge(
    state: &RequestState,
    facts: &Facts,
    parts: &Parts,
    requirement: &Requirement,
) -> GuardDecision {
    let config = state.config();
    let decision = match requirement {
        Requirement::Anonymous => return GuardDecision::allowed("anonymous"),
        Requirement::Authenticated => return authenticated(facts, config).await,
        Requirement::Acl { steps, .. } => {
            by_rules(facts, config, steps, |step, decision| {
                count(parts, step.index.list(), step.permission(), decision);
            })
            .await
        }
        Requirement::List { permission, list } => {
            let name = permission.name();
            let groups = facts.groups(config).await;
            let decision = groups.map(|_| decide(list, name, &facts.principals()));
            decision.inspect(|decision| count(parts, list, name, *decision))
        }
        Requirement::Policy { permission } => state.ask_policy(permission.name(), Some(parts)).await,
        Requirement::Scopes { scopes, .. } => return by_all_scopes(facts, config, scopes).await,
        Requirement::Permission { steps, .. } => Box::pin(by_policy(state, parts, steps)).await,
        Requirement::Scope { steps, .. } => return by_scopes(facts, config, steps).await,
        // The resource has to be loaded first; its rules decide then.
        Requirement::Resource { .. } => Ok(Decision::Deny(Denial::NoRule)),
    };
    GuardDecision::of_rules(facts, decision)
}

/// Requires a user who is not blocked.
pub(super) async fn authenticated(facts: &Facts, config: &Config) -> GuardDecision {
    facts.authorized_user(config).await.map(drop).into()
}

/// Evaluates the permissions of an expression. Groups are resolved only if a rule needs them, or might block
/// the user.
pub(super) async fn by_rules(
    facts: &Facts,
    config: &Config,
    steps: &'static [AclStep],
    note: impl Fn(&AclStep, Decision),
) -> Result<Decision, AuthError> {
    let mut walk = Walk::default();
    while let Some(step) = walk.step(steps) {
        let user = facts.user(config).await?;
        if config.may_bar() || step.index.needs_groups(user.map(UserId::as_str)) {
            facts.groups(config).await?;
        }
        let decision = step.index.decide(&facts.principals());
        note(step, decision);
        if let Some(decision) = walk.go(decision, step) {
            return Ok(decision);
        }
    }
    Ok(Decision::Deny(Denial::NoRule))
}

/// Asks the application's own policy about each permission of an expression.
async fn by_policy(
    state: &RequestState,
    parts: &Parts,
    steps: &[PermissionStep],
) -> Result<Decision, AuthError> {
    let mut walk = Walk::default();
    while let Some(step) = walk.step(steps) {
        let decision = state.ask_policy(step.permission, Some(parts)).await?;
        if let Some(decision) = walk.go(decision, step) {
            return Ok(decision);
        }
    }
    Ok(Decision::Deny(Denial::NoRule))
}

/// Counts the rule that decided, unless a test is only comparing guards with the access table.
fn count(parts: &Parts, list: &Acl, permission: Name<'_>, decision: Decision) {
    #[cfg(feature = "rule-hits")]
    if crate::probe::Probe::of(&parts.extensions).is_none() {
        crate::hits::count(list, permission, decision);
    }
    #[cfg(not(feature = "rule-hits"))]
    let _ = (parts, list, permission, decision);
}
