//! From a guard's data and a request to a verdict, however long that takes.

use http::request::Parts;

use super::{
    credential::by_scopes,
    spec::{AclStep, PermissionStep, Requirement},
    tally::Tally,
    verdict::{Verdict, decided, failed, standing},
    walk::Walk,
};
use crate::{
    acl::{Decision, Denial, index::Index},
    auth::{Failure, RequestState},
};

pub(super) async fn judge(state: &RequestState, parts: &Parts, requirement: &Requirement) -> Verdict {
    if let Err(failure) = state.identify(parts).await {
        return failed(failure);
    }
    let decision = match *requirement {
        Requirement::Anonymous => return Verdict::Pass { reason: "anonymous", rule: None },
        Requirement::Authenticated => return authenticated(state).await,
        Requirement::Acl { steps, .. } => {
            let mut tally = Tally::default();
            let decision = by_rules(state, steps, &mut tally).await;
            tally.count(parts);
            decision
        }
        Requirement::Permission { steps, .. } => by_policy(state, parts, steps).await,
        Requirement::Scope { steps, .. } => return by_scopes(state, steps).await,
        // A thing has to be loaded first, and then judges itself.
        Requirement::Resource { .. } => Ok(Decision::Deny(Denial::NoRule)),
    };
    decided(state, decision)
}

/// A user is known, and is not one to whom everything is denied.
pub(super) async fn authenticated(state: &RequestState) -> Verdict {
    match state.standing().await {
        Err(failure) => failed(failure),
        Ok(found) => standing(found),
    }
}

pub(super) async fn by_rules(
    state: &RequestState,
    steps: &'static [AclStep],
    tally: &mut Tally,
) -> Result<Decision, Failure> {
    let mut walk = Walk::default();
    while let Some(step) = walk.step(steps) {
        let decision = by_index(state, &step.index).await?;
        tally.note(step, decision);
        if let Some(decision) = walk.go(decision, step.granted, step.refused) {
            return Ok(decision);
        }
    }
    Ok(Decision::Deny(Denial::NoRule))
}

async fn by_index(state: &RequestState, index: &Index) -> Result<Decision, Failure> {
    state.decide(|user| index.needs_groups(user), |principals| index.decide(principals)).await
}

async fn by_policy(
    state: &RequestState,
    parts: &Parts,
    steps: &[PermissionStep],
) -> Result<Decision, Failure> {
    let mut walk = Walk::default();
    while let Some(step) = walk.step(steps) {
        let decision = state.ask_policy(step.permission, Some(parts)).await?;
        if let Some(decision) = walk.go(decision, step.granted, step.refused) {
            return Ok(decision);
        }
    }
    Ok(Decision::Deny(Denial::NoRule))
}
