//! From a guard's decision to a log event and a response.

use axum::response::Response;
use http::request::Parts;

use super::{credential_requirements::check_authentication, spec::Spec};
use crate::{
    auth::{Facts, GuardDecision, RequestState},
    error_kind::AuthErrorKind,
    events,
};

/// Checks how the user logged in if the guard requires it (step-up), logs the decision, and responds to a
/// rejected request. `facts` are those that were judged: another task may have logged the user in since.
#[expect(clippy::result_large_err, reason = "a response is what axum wants of a refused extractor")]
pub(super) fn respond(
    state: &RequestState,
    facts: &Facts,
    parts: &Parts,
    spec: &Spec,
    mut decision: GuardDecision,
) -> Result<(), Response> {
    state.note_judged();
    if let Ok(()) = decision.outcome
        && let Err(error) = check_authentication(facts, state.config(), spec.options.step_up)
    {
        decision = error.into();
    }
    if spec.options.hide {
        decision = decision.hidden();
    }
    let rejection = decision.rejection();
    let about = [&*spec.requirement.text(), spec.context().unwrap_or_default()];
    facts.report(&spec.site, about, &decision, rejection.map(AuthErrorKind::status));
    let Some(kind) = rejection else { return Ok(()) };
    if let Some(list) = spec.list()
        && matches!(decision.reason, "rule" | "no_rule" | "blocked")
        && events::explanations_wanted()
    {
        for permission in spec.permissions() {
            events::explained(&spec.site, &list.explain(permission, &facts.principals()));
        }
    }
    let lacking = spec.requirement.lacking().with_step_up(spec.options.step_up);
    Err(state.config().respond_with(kind, parts, lacking, spec.options.render()))
}
