//! Enforces a guard: lets the request pass, or responds to it.

use axum::response::Response;
use http::request::Parts;

use super::{judge::judge, requirement::Requirement, respond::respond, shadow, spec::Spec};
use crate::auth::RequestState;

/// The proof that a guard has let a request pass, from which the guard's value is constructed.
#[derive(Debug)]
pub struct Decided(pub(crate) ());

/// Lets the request pass, or responds to it.
///
/// This future is part of the handler's, so rarely used state is boxed.
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
    respond(state, &facts, parts, spec, decision).map(Decided)
}
