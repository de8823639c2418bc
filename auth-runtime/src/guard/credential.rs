//! What a guard may demand of the credential itself: scopes, and a recent log-in.

use std::time::Duration;

use super::{
    enforce::{Verdict, failed},
    spec::{Branch, PermissionStep},
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

pub(super) const fn insufficient() -> Verdict {
    Verdict::Refuse { kind: RefusalKind::InsufficientScope, reason: "insufficient_scope", rule: None }
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
