//! What a guard may demand of the credential itself: scopes, and a recent log-in.

use std::time::Duration;

use super::{
    judge::authenticated,
    spec::{Branch, PermissionStep},
    verdict::{Verdict, failed},
};
use crate::{acl::Name, auth::Facts, identity::Scopes, layer::Config, refusal::RefusalKind};

/// Rejects requests whose log-in is not recent enough, if the guard demands a recent one.
pub(super) fn recent(facts: &Facts, config: &Config, verdict: Verdict, max_age: Option<Duration>) -> Verdict {
    let (Some(max_age), Verdict::Pass { .. }) = (max_age, &verdict) else { return verdict };
    if facts.known_user().is_none() {
        return Verdict::Refuse { kind: RefusalKind::Unauthenticated, reason: "anonymous", rule: None };
    }
    match facts.is_fresh(config, max_age) {
        Ok(true) => verdict,
        Ok(false) => Verdict::Refuse { kind: RefusalKind::Stale { max_age }, reason: "stale", rule: None },
        Err(failure) => failed(failure),
    }
}

/// Demands what a user's credential was issued for: an expression.
pub(super) async fn by_scopes(facts: &Facts, config: &Config, steps: &[PermissionStep]) -> Verdict {
    by_scopes_that(facts, config, |scopes| holds(steps, scopes)).await
}

/// Demands what a user's credential was issued for: all of these.
pub(super) async fn by_all_scopes(facts: &Facts, config: &Config, wanted: &Scopes) -> Verdict {
    by_scopes_that(facts, config, |scopes| wanted.iter().all(|one| scopes.contains(one))).await
}

async fn by_scopes_that(facts: &Facts, config: &Config, suffice: impl FnOnce(&Scopes) -> bool) -> Verdict {
    let verdict = authenticated(facts, config).await;
    match (&verdict, facts.usable()) {
        (Verdict::Refuse { .. }, _) => verdict,
        (Verdict::Pass { .. }, Err(failure)) => failed(failure),
        (Verdict::Pass { .. }, Ok(found)) if found.scopes().is_some_and(suffice) => {
            Verdict::Pass { reason: "scope", rule: None }
        }
        (Verdict::Pass { .. }, Ok(_)) => {
            Verdict::Refuse { kind: RefusalKind::InsufficientScope, reason: "insufficient_scope", rule: None }
        }
    }
}

/// Walks through the steps of an expression. It only goes forward, so it ends.
fn holds(steps: &[PermissionStep], scopes: &Scopes) -> bool {
    let mut at = 0;
    while let Some(step) = steps.get(at) {
        let granted = matches!(step.permission, Name::Text(scope) if scopes.contains(scope));
        match if granted { step.granted } else { step.refused } {
            Branch::Step(next) if next > at => at = next,
            end => return granted && end == Branch::Allow,
        }
    }
    false
}
