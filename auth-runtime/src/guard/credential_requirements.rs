//! Requirements of a guard on the credential itself: scopes, and a recent or strong log-in (step-up
//! authentication).

use super::expression::{PermissionStep, decide_steps};
use crate::{
    acl::{Decision, Denial, Grant, Name},
    auth::{AuthError, Facts, GuardDecision},
    config::Config,
    error_kind::AuthErrorKind,
    identity::{Scopes, StepUp},
};

/// Rejects requests whose log-in is not recent or not strong enough.
pub(super) fn check_authentication(facts: &Facts, config: &Config, wanted: StepUp) -> Result<(), AuthError> {
    if wanted.is_none() {
        return Ok(());
    }
    if facts.known_user().is_none() {
        return Err(AuthError::unauthenticated());
    }
    let accepted = wanted.acr_values();
    if !facts.has_acr(accepted)? {
        return Err(AuthError::new(AuthErrorKind::InsufficientAcr { accepted }));
    }
    match wanted.max_age() {
        Some(max_age) if !facts.is_fresh(config, max_age)? => {
            Err(AuthError::new(AuthErrorKind::Stale { max_age }))
        }
        _ => Ok(()),
    }
}

/// Checks the scopes of a user's credential: an expression.
pub(super) async fn by_scopes(facts: &Facts, config: &Config, steps: &[PermissionStep]) -> GuardDecision {
    by_scopes_that(facts, config, |scopes| holds(steps, scopes)).await
}

/// Checks the scopes of a user's credential: all of these.
pub(super) async fn by_all_scopes(facts: &Facts, config: &Config, wanted: &Scopes) -> GuardDecision {
    by_scopes_that(facts, config, |scopes| wanted.iter().all(|one| scopes.contains(one))).await
}

async fn by_scopes_that(
    facts: &Facts,
    config: &Config,
    suffice: impl FnOnce(&Scopes) -> bool,
) -> GuardDecision {
    let found = match facts.authorized_user(config).await {
        Ok(_) => facts.usable(),
        Err(error) => Err(error),
    };
    match found {
        Ok(found) if found.scopes().is_some_and(suffice) => GuardDecision::allowed("scope"),
        Ok(_) => AuthError::new(AuthErrorKind::InsufficientScope).into(),
        Err(error) => error.into(),
    }
}

fn holds(steps: &[PermissionStep], scopes: &Scopes) -> bool {
    let decision = decide_steps(steps, |step| match step.permission {
        Name::Text(scope) if scopes.contains(scope) => Decision::Allow(Grant::Policy),
        _ => Decision::Deny(Denial::NoRule),
    });
    decision.is_allow()
}
