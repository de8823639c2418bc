//! From a guard's decision to a log event and a response.

use std::{borrow::Cow, fmt, time::Duration};

use axum::response::Response;
use http::request::Parts;

use super::{
    credential::check_recent,
    spec::{AclStep, Requirement, Spec},
};
use crate::{
    acl::{Acl, Name},
    auth::{GuardDecision, RequestState},
    error_kind::AuthErrorKind,
    events,
    refusal::{self, Lacking, Refusal},
};

/// What a guard demands, as far as logs are concerned, and its options.
pub(super) struct Terms<'a> {
    pub(super) guard: &'a dyn fmt::Display,
    pub(super) permission: &'a str,
    pub(super) context: &'a str,
    pub(super) max_age: Option<Duration>,
    pub(super) hide: bool,
}

#[expect(clippy::result_large_err, reason = "a response is what axum wants of a refused extractor")]
pub(super) fn conclude(
    state: &RequestState,
    parts: &Parts,
    spec: &Spec,
    decision: GuardDecision,
) -> Result<(), Response> {
    let (permission, context) = match spec.requirement {
        Requirement::Acl { permission, context, .. } => (permission, context),
        Requirement::Permission { permission, .. } => (permission, ""),
        Requirement::Resource { permission, resource, .. } => (permission, resource),
        Requirement::Scope { scopes, .. } => (scopes, ""),
        Requirement::Anonymous | Requirement::Authenticated => ("", ""),
    };
    let Spec { site, max_age, hide, .. } = spec;
    let terms = Terms { guard: site, permission, context, max_age: *max_age, hide: *hide };
    let rules = match spec.requirement {
        Requirement::Acl { list, steps, .. } => Some((list, steps.iter().map(AclStep::permission))),
        _ => None,
    };
    let Some(kind) = rejection(state, &terms, rules, decision) else { return Ok(()) };
    let lacking = match spec.requirement {
        Requirement::Scope { fewest, .. } => Lacking::scopes(Cow::Borrowed(fewest)),
        _ => Lacking::permission(Cow::Borrowed(permission)),
    };
    let own = spec.refusal.as_ref().map(|own| own as &dyn Fn(&Refusal) -> Response);
    Err(refusal::respond_with(state.config(), kind, parts, lacking, own))
}

/// Demands a recent log-in too where the guard does, logs the decision, and returns why the request is rejected.
/// `rules` explain a denial to developers.
pub(super) fn rejection<'n>(
    state: &RequestState,
    terms: &Terms<'_>,
    rules: Option<(&Acl, impl Iterator<Item = Name<'n>>)>,
    mut decision: GuardDecision,
) -> Option<AuthErrorKind> {
    state.note_judged();
    let facts = state.facts();
    if let (Some(max_age), Ok(())) = (terms.max_age, decision.outcome)
        && let Err(error) = check_recent(&facts, state.config(), max_age)
    {
        decision = error.into();
    }
    if terms.hide {
        decision = decision.hidden();
    }
    let kind = decision.rejection();
    let status = kind.map(AuthErrorKind::status);
    facts.report(terms.guard, [terms.permission, terms.context], &decision, status);
    let is_by_rules = kind.is_some() && matches!(decision.reason, "rule" | "no_rule" | "barred");
    if let Some((list, permissions)) = rules.filter(|_| is_by_rules && events::explanations_wanted()) {
        for permission in permissions {
            events::explained(terms.guard, &list.explain(permission, &facts.principals()));
        }
    }
    kind
}
