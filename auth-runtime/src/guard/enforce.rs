//! Enforces a guard: lets the request pass, or answers it.

use axum::response::Response;
use http::request::Parts;

use super::{conclude::conclude, judge::judge, requirement::Requirement, shadow, spec::Spec};
use crate::auth::RequestState;

/// The proof that a guard has let a request pass, from which its value is made.
#[derive(Debug)]
pub struct Decided(pub(crate) ());

/// Lets the request pass, or answers it.
///
/// A handler's future holds this one, so what is rare is in a box.
pub(super) async fn enforce(parts: &Parts, spec: &Spec) -> Result<Decided, Response> {
    if matches!(spec.requirement, Requirement::Anonymous) {
        RequestState::note_public(parts);
        return Ok(Decided(()));
    }
    let state = RequestState::of(parts)?;
    let identified = state.identify(parts).await;
    let facts = state.facts();
    let decision = match identified {
        Ok(()) => judge(state, &facts, parts, &spec.requirement).await,
        Err(error) => error.into(),
    };
    if let Some(shadow) = &spec.options.shadow {
        Box::pin(shadow::ask(state, parts, spec, shadow, &decision)).await;
    }
    conclude(state, parts, spec, decision).map(Decided)
}
