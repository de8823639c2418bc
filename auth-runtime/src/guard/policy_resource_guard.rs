//! Guards one of the handler's own arguments by the application's policy: [`PolicyResourceRequired`].

use std::{any::Any, fmt};

use axum::{extract::FromRequestParts, response::Response};
use http::request::Parts;

use super::{
    GuardSpec, Seal, ShowGuard, Spec,
    argument_guard_trait::{ArgumentGuard, load_and_judge, readmit, sealed::Sealed},
    enforce::conclude,
    judge_request::by_policy,
};
use crate::{acl::ResourceDeclaration, auth::GuardDecision};

/// The guard of `#[permission_required(Can::Edit, article)]`: the application's policy, which gets the argument, grants
/// the permission.
///
/// The attribute wraps the argument. Anonymous requests are rejected before the argument is loaded, unless the
/// attribute says `anonymous`.
pub struct PolicyResourceRequired<R, T> {
    #[doc(hidden)]
    pub value: T,
    #[doc(hidden)]
    pub seal: Seal<R>,
}

impl<R: GuardSpec, T: 'static> GuardSpec for PolicyResourceRequired<R, T> {
    const SPEC: &'static Spec = R::SPEC;
    const REJECTS_ANONYMOUS: bool = R::REJECTS_ANONYMOUS;

    fn each(_: Option<ResourceDeclaration>, show: &mut ShowGuard<'_>) {
        R::each(None, show);
    }
}

impl<R, T, S> FromRequestParts<S> for PolicyResourceRequired<R, T>
where
    R: GuardSpec,
    T: FromRequestParts<S> + Any + Send + Sync,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        load_and_judge(parts, state).await
    }
}

impl<R, T> Sealed for PolicyResourceRequired<R, T> {}

impl<R: GuardSpec, T: Any + Send + Sync> ArgumentGuard for PolicyResourceRequired<R, T> {
    type Value = T;

    async fn judge(parts: &Parts, value: T) -> Result<Self, Response> {
        let (state, facts) = readmit::<Self>(parts).await?;
        let decision = by_policy(state.config(), &facts, parts, R::SPEC, Some(&value)).await;
        let decision = GuardDecision::of_rules(&facts, decision);
        conclude(state, &facts, parts, R::SPEC, decision).await?;
        Ok(Self { value, seal: Seal::new() })
    }
}

impl<R, T: fmt::Debug> fmt::Debug for PolicyResourceRequired<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PolicyResourceRequired").field(&self.value).finish()
    }
}
