//! Guards one of the handler's own arguments by its rules (object-level authorization, against BOLA):
//! [`ResourceRequired`].

use std::{fmt, marker::PhantomData};

use axum::{extract::FromRequestParts, response::Response};
use http::request::Parts;

use super::{
    GuardSpec, ShowGuard, Spec,
    argument_guard_trait::{ArgumentGuard, load_and_judge, readmit, sealed::Sealed},
    enforce::conclude,
    permission_expression::NO_RULE,
};
use crate::{
    acl::{
        Condition, ConditionAnswer, Resource, ResourceDeclaration, ResourceFacts, decide_for_if,
        explain_for_if, rule_id_for, words_of,
    },
    auth::GuardDecision,
    events,
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

impl<R> Seal<R> {
    /// The caller has decided that the request may pass.
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

/// Takes the seal that a guard has constructed, so that a function without the guard does not compile.
#[doc(hidden)]
pub const fn open_seal<R: GuardSpec>(_seal: Seal<R>) {}

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
    T: FromRequestParts<S> + Resource + Send + 'static,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        load_and_judge(parts, state).await
    }
}

impl<R, T> Sealed for ResourceRequired<R, T> {}

impl<R: GuardSpec, T: Resource + Send + 'static> ArgumentGuard for ResourceRequired<R, T> {
    type Value = T;

    /// The resource need not be `Sync`, so it is not borrowed across an `await`.
    async fn judge(parts: &Parts, thing: T) -> Result<Self, Response> {
        const { R::SPEC.check_permissions_of(&words_of::<T>()) }
        let (state, facts) = readmit::<Self>(parts).await?;
        let (spec, principals) = (R::SPEC, facts.principals());
        let overlay = if facts.is_probe() { None } else { state.config().overlay_rules() };
        let rules = overlay.as_deref();
        let mut steps = spec.steps();
        let mut decision = NO_RULE;
        let mut answers = facts.answers(state.config(), parts);
        let mut failure = None;
        while let Some(step) = steps.step() {
            let known = |condition: &Condition, about: ResourceFacts<'_>| answers.of(condition, Some(about));
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
        let answer = conclude(state, &facts, parts, spec, decision).await;
        if answer.is_err() && events::explanations_wanted() {
            for permission in spec.steps().names() {
                let known = |condition: &Condition, about: ResourceFacts<'_>| {
                    answers.of(condition, Some(about)).unwrap_or(ConditionAnswer::Unknown)
                };
                let why = explain_for_if(&thing, permission, &principals, rules, known);
                events::explained(&spec.site, &why);
            }
        }
        answer.map(|_| Self { value: thing, seal: Seal::new() })
    }
}

impl<R, T: Resource + fmt::Debug> fmt::Debug for ResourceRequired<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResourceRequired").field(&self.value).finish()
    }
}
