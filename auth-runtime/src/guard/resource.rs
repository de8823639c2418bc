//! Object-level authorization: the guard of one of the handler's own arguments, [`ResourceRequired`].
//!
//! The user is found first. An anonymous request is rejected unless the guard says `anonymous`, and a blocked user is denied,
//! before the resource is loaded: the request costs no look-up, and its response does not depend on whether the resource exists.
//! Then the resource is loaded and its rules decide, before the next argument is extracted.

use std::{fmt, marker::PhantomData};

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, request::Parts};

use super::{
    GuardSpec,
    conclude::conclude,
    spec::{Requirement, Spec},
    verdict::{Verdict, decided_now, failed, standing, verdict},
    walk::Walk,
};
use crate::{
    acl::{Decision, Denial, Resource, decide_for, explain_for},
    auth::{Failure, Handle, RequestState, Standing, no_layer},
    events, refusal,
};

/// The guard of `#[acl_required("edit", article)]`: the argument's own rules grant the permission.
///
/// The attribute puts it around the argument. Anonymous requests are rejected before the argument is loaded, unless the attribute
/// says `anonymous`. A guard that hides what it guards also answers 404 for a thing that is not
/// there, with the same bytes.
pub struct ResourceRequired<R, T: Resource> {
    #[doc(hidden)]
    pub value: T,
    #[doc(hidden)]
    pub seal: Seal<R>,
}

/// Only a guard makes one.
#[doc(hidden)]
pub struct Seal<R>(PhantomData<fn() -> R>);

impl<R, T, S> FromRequestParts<S> for ResourceRequired<R, T>
where
    R: GuardSpec,
    T: FromRequestParts<S> + Resource + Send,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let value = load_and_judge::<R, T, S>(parts, state).await?;
        Ok(Self { value, seal: Seal(PhantomData) })
    }
}

/// Takes the seal that a guard has made, so that a function without the guard does not compile.
#[doc(hidden)]
pub const fn open_seal<R: GuardSpec>(_seal: Seal<R>) {}

/// Finds the user, loads the resource, and judges by its rules.
pub(super) async fn load_and_judge<R, T, S>(parts: &mut Parts, state: &S) -> Result<T, Response>
where
    R: GuardSpec,
    T: FromRequestParts<S> + Resource + Send,
    S: Send + Sync,
{
    prepare(parts, R::SPEC).await?;
    admit(parts, R::SPEC, R::REJECTS_ANONYMOUS)?;
    #[cfg(feature = "testing")]
    crate::auth::answer_probe_unasked(parts)?;
    let loaded = T::from_request_parts(parts, state).await;
    let thing = loaded.map_err(|rejection| absent(rejection, &parts.method, R::SPEC))?;
    // The extractor may have changed who the user is. The thing need not be shared between threads, so nothing is waited for
    // while it is looked at.
    prepare(parts, R::SPEC).await?;
    judge(parts, R::SPEC, &thing)?;
    Ok(thing)
}

/// Rejects the requests that no rule of the resource could allow.
#[expect(clippy::result_large_err, reason = "a response is what axum wants of a refused extractor")]
fn admit(parts: &Parts, spec: &Spec, rejects_anonymous: bool) -> Result<(), Response> {
    let Some(Handle(state)) = parts.extensions.get::<Handle>() else { return Err(no_layer()) };
    let is_user = state.known_user().is_some();
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is one for a single lifetime of principals"
    )]
    let is_blocked = state.look_now(|principals| principals.is_barred());
    let refused: Verdict = if is_blocked {
        verdict(Decision::Deny(Denial::Barred), is_user)
    } else if rejects_anonymous && !is_user {
        standing(Standing::Nobody)
    } else {
        return Ok(());
    };
    conclude(state, parts, spec, refused)
}

/// Whether a thing exists is not told to those from whom the guard hides it.
fn absent(rejection: impl IntoResponse, method: &Method, spec: &Spec) -> Response {
    let response = rejection.into_response();
    let hides = spec.hide && response.status() == StatusCode::NOT_FOUND;
    if hides { refusal::hidden(*method == Method::HEAD) } else { response }
}

/// Finds out all that rules may ask about the user.
async fn prepare(parts: &Parts, spec: &Spec) -> Result<(), Response> {
    let Some(Handle(state)) = parts.extensions.get::<Handle>() else { return Err(no_layer()) };
    let mut found = prepare_now(state, parts);
    while found.is_none() && state.wait_for_one(parts).await {
        found = prepare_now(state, parts);
    }
    let found = match found {
        Some(found) => found,
        None => Box::pin(prepare_later(state, parts)).await,
    };
    match found {
        Ok(()) => Ok(()),
        Err(failure) => conclude(state, parts, spec, failed(failure)),
    }
}

fn prepare_now(state: &RequestState, parts: &Parts) -> Option<Result<(), Failure>> {
    match state.known_now(parts)? {
        Ok(mut known) => known.find_groups(true),
        Err(failure) => Some(Err(failure)),
    }
}

async fn prepare_later(state: &RequestState, parts: &Parts) -> Result<(), Failure> {
    state.identify(parts).await?;
    state.groups().await.map(|_| ())
}

#[expect(clippy::result_large_err, reason = "a response is what axum wants of a refused extractor")]
fn judge(parts: &Parts, spec: &Spec, thing: &impl Resource) -> Result<(), Response> {
    let Some(Handle(state)) = parts.extensions.get::<Handle>() else { return Err(no_layer()) };
    let mut walk = Walk::default();
    let mut decision = Decision::Deny(Denial::NoRule);
    if let Requirement::Resource { steps, .. } = spec.requirement {
        while let Some(step) = walk.step(steps) {
            let one = match state.decide_now(|principals| decide_for(thing, step.permission, principals)) {
                Ok(one) => one,
                Err(failure) => return conclude(state, parts, spec, failed(failure)),
            };
            if let Some(settled) = walk.go(one, step.granted, step.refused) {
                decision = settled;
                break;
            }
        }
    }
    let answer = conclude(state, parts, spec, decided_now(state, decision));
    if let Requirement::Resource { steps, .. } = spec.requirement
        && answer.is_err()
        && events::explanations_wanted()
    {
        for step in steps {
            let explanation = state.look_now(|principals| explain_for(thing, step.permission, principals));
            events::explained(&spec.site, &explanation);
        }
    }
    answer
}

impl<R, T: Resource + fmt::Debug> fmt::Debug for ResourceRequired<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResourceRequired").field(&self.value).finish()
    }
}

impl<R> fmt::Debug for Seal<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

/// The answer for a thing that does not exist, as an extractor's rejection: 404 with nothing in it.
///
/// # Example
///
/// ```
/// use auth_runtime::guard::Missing;
/// use axum::{extract::FromRequestParts, http::request::Parts};
///
/// struct Article;
///
/// impl<S: Send + Sync> FromRequestParts<S> for Article {
///     type Rejection = Missing;
///
///     async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, Missing> {
///         Err(Missing) // no row with this id
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Missing;

impl IntoResponse for Missing {
    fn into_response(self) -> Response {
        refusal::hidden(false)
    }
}
