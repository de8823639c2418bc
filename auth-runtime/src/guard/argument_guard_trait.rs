//! Decides about one of the handler's own arguments, before or after it is extracted: [`ArgumentGuard`].
//!
//! The user is resolved first. An anonymous request is rejected unless the guard says `anonymous`, and a
//! blocked user is denied, before the resource is loaded: so such a request costs no look-up, and its
//! response does not reveal whether the resource exists. Then the resource is loaded and the guard decides,
//! before the next argument is extracted.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use super::{
    Decided, GuardSpec, Spec, csrf_form_option,
    enforce::{conclude, render, respond},
    route_limit,
};
use crate::{
    auth::{AuthError, CurrentFacts, GuardDecision, RequestState},
    error_kind::AuthErrorKind,
    guard_probe::{Probe, ProbeAnswer},
    refusal, telemetry,
};

pub(super) mod sealed {
    pub trait Sealed {}
}

/// A guard around an argument, which decides when the argument is there. This trait is sealed.
#[doc(hidden)]
pub trait ArgumentGuard: GuardSpec + sealed::Sealed + Sized {
    /// The argument.
    type Value: Send;

    /// Decides about the argument.
    fn judge(parts: &Parts, value: Self::Value) -> impl Future<Output = Result<Self, Response>> + Send;
}

/// Extracts the argument from the head of the request, and decides about it.
pub(super) async fn load_and_judge<G, S>(parts: &mut Parts, state: &S) -> Result<G, Response>
where
    G: ArgumentGuard<Value: FromRequestParts<S>>,
    S: Send + Sync,
{
    admit_first::<G>(parts).await?;
    let loaded = G::Value::from_request_parts(parts, state).await;
    let value = loaded.map_err(|rejection| rejected(rejection, parts, G::SPEC))?;
    G::judge(parts, value).await
}

/// Rejects the requests that no argument could be allowed for, and those above the limit of the route.
pub(super) async fn admit_first<G: GuardSpec>(parts: &Parts) -> Result<Decided, Response> {
    let (state, facts) = admit(parts, G::SPEC, G::REJECTS_ANONYMOUS).await?;
    if G::SPEC.has_limit()
        && let Err(error) = Box::pin(route_limit::count(state, parts, G::SPEC)).await
    {
        respond(state, &facts, parts, G::SPEC, error.into())?;
    }
    Probe::end(parts, ProbeAnswer::NotAsked)?;
    Ok(Decided(()))
}

/// Resolves the user once more: the extractor may have changed the user, or ended the log-in.
///
/// The decision uses only facts that are already resolved: another task may log the user in or out at any moment,
/// and unresolved facts would look like those of an anonymous request.
pub(super) async fn readmit<G: GuardSpec>(
    parts: &Parts,
) -> Result<(&RequestState, CurrentFacts<'_>), Response> {
    admit(parts, G::SPEC, G::REJECTS_ANONYMOUS).await
}

/// Resolves everything about the user that rules may need, and returns it. Rejects the requests that no rule of
/// the resource could allow.
async fn admit<'p>(
    parts: &'p Parts,
    spec: &Spec,
    rejects_anonymous: bool,
) -> Result<(&'p RequestState, CurrentFacts<'p>), Response> {
    let state = RequestState::of(parts)?;
    telemetry::note_guard(state.span(), parts, &spec.site);
    csrf_form_option::expect_in_the_form(spec, state);
    // Logged now, since the resource's extractor may reject the request before its rules decide.
    state.note_judged();
    let identified = state.identify(parts).await;
    let facts = state.facts();
    let prepared = match identified {
        Ok(()) => facts.groups(state.config(), parts).await.map(drop),
        Err(error) => Err(error),
    };
    let refused = if let Err(error) = prepared {
        error.into()
    } else if facts.principals().is_blocked() {
        GuardDecision::denied(&facts, "blocked")
    } else if rejects_anonymous && facts.known_user().is_none() {
        AuthError::unauthenticated().into()
    } else {
        return Ok((state, facts));
    };
    conclude(state, &facts, parts, spec, refused).await?;
    Ok((state, facts))
}

/// Returns the response for an argument that could not be extracted. `Missing` gets the application's own response,
/// and with `hide`, so does every client error (4xx): the response to a resource that does not exist must be the
/// one to a resource that is denied. Server errors (5xx) are not hidden.
pub(super) fn rejected(rejection: impl IntoResponse, parts: &Parts, spec: &Spec) -> Response {
    let response = rejection.into_response();
    let hides = spec.hide && response.status().is_client_error();
    if !hides && !refusal::is_missing(&response) {
        return response;
    }
    RequestState::of(parts)
        .map_or_else(|error| error, |state| render(state, parts, spec, AuthErrorKind::Hidden))
}
