//! From a guard's data and a request to a verdict.

use std::borrow::Cow;

use axum::response::Response;
use http::request::Parts;

use super::{
    credential::{by_scopes, recent, scoped},
    shadow,
    spec::{AclStep, Branch, PermissionStep, Requirement, Spec},
    tally::Tally,
};
use crate::{
    acl::{Acl, Decision, Denial, Name, index::Index},
    auth::{Failure, Handle, Known, RequestState, Standing, no_layer},
    events::{self, Judgement},
    refusal::{self, Lacking, RefusalKind},
};

/// How a guard decided, before anybody is told.
pub(super) enum Verdict {
    /// The request may go on; the reason is for the log.
    Pass { reason: &'static str, rule: Option<usize> },
    /// The user is known or not; the reason is for the log.
    Refuse { kind: RefusalKind, reason: &'static str, rule: Option<usize> },
}

/// Lets the request pass, or answers it.
///
/// A handler's future holds this one, and the allocator gives large pieces of memory much more slowly than small ones. So
/// what is waited for often is kept small, and the rest is in a box.
pub(super) async fn enforce(parts: &Parts, spec: &'static Spec) -> Result<(), Response> {
    if matches!(spec.requirement, Requirement::Anonymous) {
        return Ok(());
    }
    let Some(Handle(state)) = parts.extensions.get::<Handle>() else { return Err(no_layer()) };
    let mut verdict = judge_now(state, parts, &spec.requirement);
    while verdict.is_none() && state.wait_for_one(parts).await {
        verdict = judge_now(state, parts, &spec.requirement);
    }
    match verdict {
        Some(verdict) if spec.shadow.is_none() => conclude(state, parts, spec, verdict),
        verdict => Box::pin(enforce_later(state, parts, spec, verdict)).await,
    }
}

/// Judges what could not be judged at once, and asks the guard's shadow if it has one.
async fn enforce_later(
    state: &RequestState,
    parts: &Parts,
    spec: &'static Spec,
    verdict: Option<Verdict>,
) -> Result<(), Response> {
    let verdict = match verdict {
        Some(verdict) => verdict,
        None => judge(state, parts, &spec.requirement).await,
    };
    if let Some(shadow) = spec.shadow {
        shadow::ask(state, parts, spec, shadow, &verdict).await;
    }
    conclude(state, parts, spec, verdict)
}

/// Judges in one go; `None` where something has to be waited for.
fn judge_now(state: &RequestState, parts: &Parts, requirement: &Requirement) -> Option<Verdict> {
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

#[expect(clippy::result_large_err, reason = "a response is what axum wants of a refused extractor")]
pub(super) fn conclude(
    state: &RequestState,
    parts: &Parts,
    spec: &Spec,
    verdict: Verdict,
) -> Result<(), Response> {
    let verdict = recent(state, verdict, spec.max_age);
    let (permission, context) = match spec.requirement {
        Requirement::Acl { permission, context, .. } => (permission, context),
        Requirement::Permission { permission, .. } => (permission, ""),
        Requirement::Resource { permission, resource, .. } => (permission, resource),
        Requirement::Scope { scopes, .. } => (scopes, ""),
        Requirement::Anonymous | Requirement::Authenticated => ("", ""),
    };
    report(state, &verdict, &spec.site, permission, context, spec.hide);
    if let Requirement::Acl { list, steps, .. } = spec.requirement {
        explain(state, &verdict, &spec.site, list, steps.iter().map(AclStep::permission));
    }
    let Verdict::Refuse { kind, .. } = verdict else { return Ok(()) };
    let kind = shown(kind, spec.hide);
    let lacking = match spec.requirement {
        Requirement::Scope { fewest, .. } => Lacking::scopes(Cow::Borrowed(fewest)),
        _ => Lacking::permission(Cow::Borrowed(permission)),
    };
    let own = spec.refusal.as_ref().map(|own| own as &dyn Fn(&refusal::Refusal) -> Response);
    Err(refusal::respond_with(state.config(), kind, parts, lacking, own))
}

/// What the client is shown: a guard that hides answers 404 to whom it refuses. What is broken is still shown.
pub(super) const fn shown(kind: RefusalKind, hide: bool) -> RefusalKind {
    match kind {
        RefusalKind::CrossOrigin
        | RefusalKind::Forbidden
        | RefusalKind::InsufficientScope
        | RefusalKind::InvalidCredential
        | RefusalKind::Stale { .. }
        | RefusalKind::Unauthenticated
            if hide =>
        {
            RefusalKind::Hidden
        }
        kind => kind,
    }
}

/// Tells the log, once for each decision.
pub(super) fn report(
    state: &RequestState,
    verdict: &Verdict,
    guard: &dyn std::fmt::Display,
    permission: &str,
    context: &str,
    hide: bool,
) {
    let (reason, rule) = match *verdict {
        Verdict::Pass { reason, rule } | Verdict::Refuse { reason, rule, .. } => (reason, rule),
    };
    let allowed = matches!(verdict, Verdict::Pass { .. });
    if !events::wanted(allowed) {
        return;
    }
    let user = state.known_user();
    let actor = user.as_ref().and_then(|_| state.actor());
    let judgement =
        Judgement { user: user.as_ref(), actor: actor.as_ref(), guard, permission, context, reason, rule };
    match *verdict {
        Verdict::Pass { .. } => events::allowed(&judgement),
        Verdict::Refuse { kind, .. } => events::denied(&judgement, shown(kind, hide).status().as_u16()),
    }
}

/// Tells developers why rules refused, where they listen.
pub(super) fn explain<'n>(
    state: &RequestState,
    verdict: &Verdict,
    guard: &dyn std::fmt::Display,
    list: &Acl,
    permissions: impl Iterator<Item = Name<'n>>,
) {
    let by_rules = matches!(verdict, Verdict::Refuse { reason: "rule" | "no_rule" | "barred", .. });
    if !by_rules || !events::explanations_wanted() {
        return;
    }
    for permission in permissions {
        let explanation = state.look_now(|principals| list.explain(permission, principals));
        events::explained(guard, &explanation);
    }
}

async fn judge(state: &RequestState, parts: &Parts, requirement: &Requirement) -> Verdict {
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

const fn standing(found: Standing) -> Verdict {
    match found {
        Standing::Nobody => {
            Verdict::Refuse { kind: RefusalKind::Unauthenticated, reason: "anonymous", rule: None }
        }
        Standing::Barred => Verdict::Refuse { kind: RefusalKind::Forbidden, reason: "barred", rule: None },
        Standing::Known => Verdict::Pass { reason: "authenticated", rule: None },
    }
}

/// Turns a decision, or what stood in its way, into a verdict.
pub(super) fn decided(state: &RequestState, decision: Result<Decision, Failure>) -> Verdict {
    match decision {
        Ok(decision) => decided_now(state, decision),
        Err(failure) => failed(failure),
    }
}

/// Who is not known is told to log in, who is known is told no. The user was found for the decision.
pub(super) fn decided_now(state: &RequestState, decision: Decision) -> Verdict {
    if decision.is_allow() {
        verdict(decision, true)
    } else {
        verdict(decision, state.known_user().is_some())
    }
}

/// Turns a decision about somebody who is known, or is not, into a verdict.
const fn verdict(decision: Decision, is_user: bool) -> Verdict {
    let (reason, rule) = (decision.reason(), decision.rule());
    if decision.is_allow() {
        return Verdict::Pass { reason, rule };
    }
    let kind = if is_user { RefusalKind::Forbidden } else { RefusalKind::Unauthenticated };
    Verdict::Refuse { kind, reason, rule }
}

pub(super) const fn failed(failure: Failure) -> Verdict {
    let (kind, reason) = match failure {
        Failure::CrossOrigin => (RefusalKind::CrossOrigin, "cross_origin"),
        Failure::Refused => (RefusalKind::InvalidCredential, "credentials"),
        Failure::Unavailable => (RefusalKind::Unavailable, "failure"),
        Failure::Misconfigured | Failure::TooLarge | Failure::TooLate => {
            (RefusalKind::Misconfigured, "failure")
        }
    };
    Verdict::Refuse { kind, reason, rule: None }
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

/// A walk through the steps of an expression. It only goes forward, so it ends.
#[derive(Default)]
pub(super) struct Walk {
    at: usize,
}

impl Walk {
    pub(super) fn step<'s, T>(&self, steps: &'s [T]) -> Option<&'s T> {
        steps.get(self.at)
    }

    /// Returns the decision about the whole expression when this one settles it.
    pub(super) fn go(&mut self, decision: Decision, granted: Branch, refused: Branch) -> Option<Decision> {
        match if decision.is_allow() { granted } else { refused } {
            Branch::Step(next) if next > self.at => {
                self.at = next;
                None
            }
            Branch::Allow if decision.is_allow() => Some(decision),
            Branch::Deny if !decision.is_allow() => Some(decision),
            Branch::Allow | Branch::Deny | Branch::Step(_) => Some(Decision::Deny(Denial::NoRule)),
        }
    }
}
