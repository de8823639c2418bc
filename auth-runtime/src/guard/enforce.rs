//! A guard stands before a handler.

use axum::response::Response;
use http::request::Parts;

use super::{
    conclude::conclude,
    later::judge,
    now::judge_now,
    shadow,
    spec::{Requirement, Spec},
    verdict::Verdict,
};
use crate::auth::{Handle, RequestState, no_layer};

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
