//! From a verdict to an answer: the log is told, and the client.

use std::borrow::Cow;

use axum::response::Response;
use http::request::Parts;

use super::{
    credential::recent,
    spec::{AclStep, Requirement, Spec},
    verdict::Verdict,
};
use crate::{
    acl::{Acl, Name},
    auth::{Facts, RequestState},
    events::{self, Judgement},
    refusal::{self, Lacking, RefusalKind},
};

#[expect(clippy::result_large_err, reason = "a response is what axum wants of a refused extractor")]
pub(super) fn conclude(
    state: &RequestState,
    parts: &Parts,
    spec: &Spec,
    verdict: Verdict,
) -> Result<(), Response> {
    state.note_judged();
    let facts = state.facts();
    let verdict = recent(&facts, state.config(), verdict, spec.max_age);
    let (permission, context) = match spec.requirement {
        Requirement::Acl { permission, context, .. } => (permission, context),
        Requirement::Permission { permission, .. } => (permission, ""),
        Requirement::Resource { permission, resource, .. } => (permission, resource),
        Requirement::Scope { scopes, .. } => (scopes, ""),
        Requirement::Anonymous | Requirement::Authenticated => ("", ""),
    };
    report(&facts, &verdict, &spec.site, permission, context, spec.hide);
    if let Requirement::Acl { list, steps, .. } = spec.requirement {
        explain(&facts, &verdict, &spec.site, list, steps.iter().map(AclStep::permission));
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
    facts: &Facts,
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
    let user = facts.known_user();
    let actor = user.and_then(|_| facts.actor());
    let judgement = Judgement { user, actor, guard, permission, context, reason, rule };
    match *verdict {
        Verdict::Pass { .. } => events::allowed(&judgement),
        Verdict::Refuse { kind, .. } => events::denied(&judgement, shown(kind, hide).status().as_u16()),
    }
}

/// Tells developers why rules refused, where they listen.
pub(super) fn explain<'n>(
    facts: &Facts,
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
        events::explained(guard, &list.explain(permission, &facts.principals()));
    }
}
