//! From a guard's data and a request to a verdict, where nothing has to be waited for.

use http::request::Parts;

use super::{
    credential::scoped,
    spec::{AclStep, Requirement},
    tally::Tally,
    verdict::{Verdict, failed, standing, verdict},
    walk::Walk,
};
use crate::{
    acl::{Decision, Denial},
    auth::{Failure, Known, RequestState, Standing},
};

/// Judges in one go; `None` where something has to be waited for.
pub(super) fn judge_now(state: &RequestState, parts: &Parts, requirement: &Requirement) -> Option<Verdict> {
    let steps = match *requirement {
        Requirement::Authenticated | Requirement::Scope { .. } => None,
        Requirement::Acl { steps, .. } => Some(steps),
        Requirement::Anonymous | Requirement::Permission { .. } | Requirement::Resource { .. } => {
            return None;
        }
    };
    let mut known = match state.known_now(parts)? {
        Ok(known) => known,
        Err(failure) => return Some(failed(failure)),
    };
    let Some(steps) = steps else {
        let is_user = known.user().is_some();
        if is_user && let Err(failure) = known.find_groups(false)? {
            return Some(failed(failure));
        }
        let verdict = standing(match (is_user, known.principals().is_barred()) {
            (false, _) => Standing::Nobody,
            (true, true) => Standing::Barred,
            (true, false) => Standing::Known,
        });
        return Some(match *requirement {
            Requirement::Scope { steps, .. } => scoped(verdict, known.scopes(), steps),
            _ => verdict,
        });
    };
    let mut tally = Tally::default();
    let decision = by_rules_now(&mut known, steps, &mut tally)?;
    tally.count(parts);
    match decision {
        Ok(decision) => Some(verdict(decision, known.user().is_some())),
        Err(failure) => Some(failed(failure)),
    }
}

fn by_rules_now(
    known: &mut Known<'_>,
    steps: &'static [AclStep],
    tally: &mut Tally,
) -> Option<Result<Decision, Failure>> {
    let mut walk = Walk::default();
    while let Some(step) = walk.step(steps) {
        let needed = step.index.needs_groups(known.user());
        if let Err(failure) = known.find_groups(needed)? {
            return Some(Err(failure));
        }
        let decision = step.index.decide(&known.principals());
        tally.note(step, decision);
        if let Some(decision) = walk.go(decision, step.granted, step.refused) {
            return Some(Ok(decision));
        }
    }
    Some(Ok(Decision::Deny(Denial::NoRule)))
}
