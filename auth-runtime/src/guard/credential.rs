//! What a guard may demand of the credential itself: scopes, and a recent log-in.

use std::time::Duration;

use super::{
    later::authenticated,
    spec::{Branch, PermissionStep},
    verdict::{Verdict, failed},
};
use crate::{acl::Name, auth::RequestState, identity::Scopes, refusal::RefusalKind};

/// Of those who pass, lets pass whose log-in is recent enough, where that is demanded.
pub(super) fn recent(state: &RequestState, verdict: Verdict, max_age: Option<Duration>) -> Verdict {
    let (Some(max_age), Verdict::Pass { .. }) = (max_age, &verdict) else { return verdict };
    if state.known_user().is_none() {
        return Verdict::Refuse { kind: RefusalKind::Unauthenticated, reason: "anonymous", rule: None };
    }
    match state.is_fresh(max_age) {
        Ok(true) => verdict,
        Ok(false) => Verdict::Refuse { kind: RefusalKind::Stale { max_age }, reason: "stale", rule: None },
        Err(failure) => failed(failure),
    }
}

/// Of those who pass, lets pass whose credential was issued for what an expression asks.
pub(super) fn scoped(verdict: Verdict, scopes: Option<&Scopes>, steps: &[PermissionStep]) -> Verdict {
    match verdict {
        Verdict::Refuse { .. } => verdict,
        Verdict::Pass { .. } if holds(steps, scopes) => Verdict::Pass { reason: "scope", rule: None },
        Verdict::Pass { .. } => insufficient(),
    }
}

const fn insufficient() -> Verdict {
    Verdict::Refuse { kind: RefusalKind::InsufficientScope, reason: "insufficient_scope", rule: None }
}

/// Demands what a user's credential was issued for: an expression.
pub(super) async fn by_scopes(state: &RequestState, steps: &[PermissionStep]) -> Verdict {
    let verdict = authenticated(state).await;
    match state.identified().await {
        Ok(identified) => scoped(verdict, identified.scopes(), steps),
        Err(failure) => failed(failure),
    }
}

/// Demands what a user's credential was issued for: all of these.
pub(super) async fn by_all_scopes(state: &RequestState, wanted: &Scopes) -> Verdict {
    let verdict = authenticated(state).await;
    if matches!(verdict, Verdict::Refuse { .. }) {
        return verdict;
    }
    match state.identified().await {
        Ok(found) if found.scopes().is_some_and(|scopes| wanted.iter().all(|one| scopes.contains(one))) => {
            Verdict::Pass { reason: "scope", rule: None }
        }
        Ok(_) => insufficient(),
        Err(failure) => failed(failure),
    }
}

/// Walks through the steps of an expression. It only goes forward, so it ends.
fn holds(steps: &[PermissionStep], scopes: Option<&Scopes>) -> bool {
    let Some(scopes) = scopes else { return false };
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
