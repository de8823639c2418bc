//! Guards one of the handler's own arguments (object-level authorization, against BOLA):
//! [`ResourceRequired`].
//!
//! The user is resolved first. An anonymous request is rejected unless the guard says `anonymous`, and a
//! blocked user is denied, before the resource is loaded: so such a request costs no look-up, and its
//! response does not reveal whether the resource exists. Then the resource is loaded and its rules decide,
//! before the next argument is extracted.

use std::{fmt, marker::PhantomData};

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{Method, request::Parts};

#[cfg(feature = "throttle")]
use super::probe_alarm;
use super::{
    GuardSpec, ShowGuard, Spec, csrf_form, enforce::respond, permission_expression::NO_RULE, route_limit,
};
use crate::{
    acl::{
        Condition, ConditionAnswer, Resource, ResourceDeclaration, ResourceFacts, decide_for_if,
        explain_for_if, rule_id_for, words_of,
    },
    auth::{Answers, AuthError, CurrentFacts, GuardDecision, RequestState},
    events, refusal,
    route_probe::{Probe, ProbeAnswer},
    telemetry,
};

/// The guard of `#[acl_required("edit", article)]`: the argument's own rules grant the permission.
///
/// The attribute wraps the argument. Anonymous requests are rejected before the argument is loaded, unless
/// the attribute says `anonymous`. With `hide`, the guard responds to every client error (4xx) of the
/// argument's extractor with the same 404: whether the resource does not exist, or the path does not name
/// one.
pub struct ResourceRequired<R, T> {
    #[doc(hidden)]
    pub value: T,
    #[doc(hidden)]
    pub seal: Seal<R>,
}

/// Only a guard constructs one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Seal<R>(PhantomData<fn() -> R>);

impl<R: GuardSpec, T: Resource + 'static> GuardSpec for ResourceRequired<R, T> {
    const SPEC: &'static Spec = R::SPEC;
    const REJECTS_ANONYMOUS: bool = R::REJECTS_ANONYMOUS;

    fn each(_: Option<ResourceDeclaration>, show: &mut ShowGuard<'_>) {
        R::each(Some(ResourceDeclaration::of::<T>()), show);
    }
}

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

/// Takes the seal that a guard has constructed, so that a function without the guard does not compile.
#[doc(hidden)]
pub const fn open_seal<R: GuardSpec>(_seal: Seal<R>) {}

/// Resolves the user, loads the resource, and decides by its rules.
pub(super) async fn load_and_judge<R, T, S>(parts: &mut Parts, state: &S) -> Result<T, Response>
where
    R: GuardSpec,
    T: FromRequestParts<S> + Resource + Send,
    S: Send + Sync,
{
    const { R::SPEC.check_permissions_of(&words_of::<T>()) }
    {
        let (state, facts) = admit(parts, R::SPEC, R::REJECTS_ANONYMOUS).await?;
        if R::SPEC.has_limit()
            && let Err(error) = Box::pin(route_limit::count(state, parts, R::SPEC)).await
        {
            respond(state, &facts, parts, R::SPEC, error.into())?;
        }
    }
    Probe::end(parts, ProbeAnswer::NotAsked)?;
    let loaded = T::from_request_parts(parts, state).await;
    let thing = loaded.map_err(|rejection| rejected(rejection, &parts.method, R::SPEC))?;
    // The extractor may have changed the user, or ended the log-in. The resource need not be `Sync`, so it
    // is not borrowed across an `await`. The decision uses only facts that are already resolved: another
    // task may log the user in or out at any moment, and unresolved facts would look like those of an
    // anonymous request.
    let (state, facts) = admit(parts, R::SPEC, R::REJECTS_ANONYMOUS).await?;
    let (spec, principals) = (R::SPEC, facts.principals());
    let overlay = if facts.is_probe() { None } else { state.config().overlay_rules() };
    let rules = overlay.as_deref();
    let mut steps = spec.steps();
    let mut decision = NO_RULE;
    let mut answers = None;
    let mut failure = None;
    while let Some(step) = steps.step() {
        let known =
            |condition: &Condition, about: ResourceFacts<'_>| known(answers.as_ref(), condition, about);
        // Not in the `match`: the resource would be borrowed across the `await`.
        let decided = decide_for_if(&thing, step.permission, &principals, rules, known);
        match decided {
            Ok(decided) => {
                if let Some(settled) = steps.go(step, decided) {
                    decision = settled;
                    break;
                }
            }
            Err(condition) => {
                let answers = match &mut answers {
                    Some(answers) => answers,
                    none => none.insert(facts.answers(state.config(), parts).await),
                };
                if let Err(error) = Box::pin(answers.ask(condition)).await {
                    failure = Some(error);
                    break;
                }
            }
        }
    }
    let id_at = |at| events::wanted(decision.is_allow()).then(|| rule_id_for(&thing, at)).flatten();
    let decision = GuardDecision::of_rules(&facts, failure.map_or(Ok(decision), Err))
        .with_rule_id(id_at)
        .with_overlay(overlay.as_ref(), decision);
    #[cfg(feature = "throttle")]
    if probe_alarm::counts(state, &decision) {
        Box::pin(probe_alarm::count(state, &facts, parts, spec)).await;
    }
    let answer = respond(state, &facts, parts, spec, decision);
    if answer.is_err() && events::explanations_wanted() {
        for permission in spec.steps().names() {
            let known = |condition: &Condition, about: ResourceFacts<'_>| {
                known(answers.as_ref(), condition, about).unwrap_or(ConditionAnswer::Unknown)
            };
            let why = explain_for_if(&thing, permission, &principals, rules, known);
            events::explained(&spec.site, &why);
        }
    }
    answer.map(|_| thing)
}

/// Returns the answer to a condition of a resource's rules, as far as it is known.
fn known(
    answers: Option<&Answers<'_>>,
    condition: &Condition,
    about: ResourceFacts<'_>,
) -> Option<ConditionAnswer> {
    answers?.of(condition, Some(about))
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
    csrf_form::expect_in_the_form(spec, state);
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
    #[cfg(feature = "throttle")]
    if probe_alarm::counts(state, &refused) {
        Box::pin(probe_alarm::count(state, &facts, parts, spec)).await;
    }
    respond(state, &facts, parts, spec, refused)?;
    Ok((state, facts))
}

/// Hides the route: for a path without a resource, or one that the extractor cannot parse, responds with the
/// 404 of the guard. Server errors (5xx) are not hidden.
fn rejected(rejection: impl IntoResponse, method: &Method, spec: &Spec) -> Response {
    let response = rejection.into_response();
    let hides = spec.hide && response.status().is_client_error();
    if hides { refusal::hidden(*method == Method::HEAD) } else { response }
}

impl<R, T: Resource + fmt::Debug> fmt::Debug for ResourceRequired<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResourceRequired").field(&self.value).finish()
    }
}

/// The rejection of an extractor for a resource that does not exist: 404 without a body.
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
