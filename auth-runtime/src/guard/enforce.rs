//! Enforces a guard: lets the request pass, or logs the decision and responds to it.

use axum::response::Response;
use http::request::Parts;

#[cfg(feature = "throttle")]
use super::probe_alarm;
use super::{GuardKind, Spec, csrf_form_option, judge_request::judge, route_limit, shadow_acl};
use crate::{
    auth::{Facts, GuardDecision, RequestState},
    error_kind::AuthErrorKind,
    events,
    refusal::Refusal,
    telemetry,
};

/// The proof that a guard has let a request pass, from which the guard's value is constructed.
#[derive(Debug)]
pub struct Decided(pub(crate) ());

/// Lets the request pass, or responds to it.
///
/// This future is part of the handler's, so rarely used state is boxed.
pub(super) async fn enforce(parts: &Parts, spec: &Spec) -> Result<Decided, Response> {
    if spec.kind == GuardKind::Anybody {
        if let Some(state) = RequestState::note_public(parts) {
            telemetry::note_guard(state.span(), parts, &spec.site);
            csrf_form_option::expect_in_the_form(spec, state);
        }
        if spec.has_limit() {
            let state = RequestState::of(parts)?;
            let counted = Box::pin(route_limit::count(state, parts, spec)).await;
            return respond(state, &state.facts(), parts, spec, counted.into());
        }
        return Ok(Decided(()));
    }
    let state = RequestState::of(parts)?;
    telemetry::note_guard(state.span(), parts, &spec.site);
    csrf_form_option::expect_in_the_form(spec, state);
    let mut identified = state.identify(parts).await;
    if spec.has_limit() && identified.is_ok() {
        identified = Box::pin(route_limit::count(state, parts, spec)).await;
    }
    let facts = state.facts();
    let decision = match identified {
        Ok(()) => judge(state, &facts, parts, spec).await.unwrap_or_else(GuardDecision::from),
        Err(error) => error.into(),
    };
    if let Some(shadow) = &spec.shadow {
        Box::pin(shadow_acl::ask(state, parts, spec, shadow, &decision)).await;
    }
    conclude(state, &facts, parts, spec, decision).await
}

/// Counts a denial for the alarm, and then [responds](respond).
pub(super) async fn conclude(
    state: &RequestState,
    facts: &Facts,
    parts: &Parts,
    spec: &Spec,
    decision: GuardDecision,
) -> Result<Decided, Response> {
    #[cfg(feature = "throttle")]
    if probe_alarm::counts(state, &decision) {
        Box::pin(probe_alarm::count(state, facts, parts, spec)).await;
    }
    respond(state, facts, parts, spec, decision)
}

/// Checks whether the guard accepts users or services, and how the user logged in (step-up), if it says so; logs the
/// decision, and responds to a rejected request. `facts` are those that were judged: another task may have logged the user in since.
#[expect(clippy::result_large_err, reason = "a response is what axum wants of a refused extractor")]
pub(super) fn respond(
    state: &RequestState,
    facts: &Facts,
    parts: &Parts,
    spec: &Spec,
    mut decision: GuardDecision,
) -> Result<Decided, Response> {
    state.note_judged();
    let is_accepted = || facts.known_user().is_some_and(|user| spec.callers.accept(user.as_str()));
    if decision.outcome.is_ok() && spec.callers.word().is_some() && !is_accepted() {
        decision = GuardDecision::denied(facts, "callers");
    }
    if let Ok(()) = decision.outcome
        && let Err(error) = facts.check_step_up(state.config(), spec.step_up)
    {
        decision = error.into();
    }
    if spec.hide {
        decision = decision.hidden();
    }
    let rejection = decision.rejection();
    let about = [spec.text, spec.context];
    facts.report(&spec.site, about, &decision, rejection.map(AuthErrorKind::status));
    let Some(kind) = rejection else { return Ok(Decided(())) };
    if spec.kind == GuardKind::ByAcl
        && matches!(decision.reason, "rule" | "overlay" | "no_rule" | "blocked")
        && events::explanations_wanted()
    {
        for permission in spec.steps().names() {
            let overlay = state.config().overlay_rules();
            events::explained(&spec.site, &facts.explain(&spec.list, permission, overlay.as_deref()));
        }
    }
    Err(render(state, parts, spec, kind))
}

/// Renders a rejection by the guard's own function, or else by that of the router or application.
pub(super) fn render(state: &RequestState, parts: &Parts, spec: &Spec, kind: AuthErrorKind) -> Response {
    let own = spec.refusal.as_ref().map(|own| own as &dyn Fn(&Refusal) -> Response);
    state.config().respond_with(kind, parts, spec.lacking(), own)
}
