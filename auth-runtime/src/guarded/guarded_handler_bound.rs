//! Requires that handlers of a guarded router have a guard as their first argument: the trait bound
//! [`GuardedHandler`].

use std::{
    future::{Future, ready},
    marker::PhantomData,
    pin::Pin,
};

use axum::{
    extract::Request,
    handler::Handler,
    response::{IntoResponse, Response},
};

use super::Unguarded;
use crate::{
    access::{
        http_methods::Methods,
        route_metadata::{RouteKind, RouteMetadata},
    },
    acl::Resource,
    guard::{Guard, GuardSpec, Permit, PermitFor, PolicyResourceRequired, ResourceRequired},
    guard_probe::{Probe, ProbeAnswer},
};

mod sealed {
    pub trait GuardedHandler<T, S> {}
}

/// A handler that axum can call. It is axum's own trait, with a message that says what to do.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "axum cannot call this handler; write `#[axum::debug_handler]` below its guard to see which argument \
               or result is wrong [an-argument-that-is-not-an-extractor]",
    label = "an argument is not an extractor, or the result is not a response"
)]
pub trait AxumHandler<T, S>: Handler<T, S> {}

#[diagnostic::do_not_recommend]
impl<H: Handler<T, S>, T, S> AxumHandler<T, S> for H {}

/// A handler that a guarded router accepts: it has an attribute, a [`Permit`] as its first argument, or a stated
/// [reason](super::unguarded) to have neither.
///
/// This trait is sealed, and implemented for every [`Handler`] whose first argument is a guard.
#[diagnostic::on_unimplemented(
    message = "this handler is not guarded; write an `async fn` with `#[auth_required]`, \
               `#[acl_required(\"permission\", ACL)]` or `#[allow_anonymous]` above it, or take a `Permit` as the first \
               argument",
    label = "this handler has no guard"
)]
pub trait GuardedHandler<T, S>: sealed::GuardedHandler<T, S> {
    /// Records the guards of the handler, and its source position: that of its attribute, or else of the call
    /// that adds it.
    #[doc(hidden)]
    #[track_caller]
    fn record(&self, kind: RouteKind, methods: Methods) -> RouteMetadata;
}

#[diagnostic::do_not_recommend]
impl<H, T: GuardedArguments, S> sealed::GuardedHandler<T, S> for H {}

#[diagnostic::do_not_recommend]
impl<H, T: GuardedArguments, S> GuardedHandler<T, S> for H {
    fn record(&self, kind: RouteKind, methods: Methods) -> RouteMetadata {
        RouteMetadata::new(kind, methods)
            .with_handler::<H, <T::First as GuardArgument>::Spec>(T::First::IS_ATTRIBUTE)
    }
}

/// The arguments of a handler that is accepted with a reason.
///
/// Other crates cannot name it.
#[derive(Debug)]
pub struct WithReason<T>(PhantomData<T>);

#[diagnostic::do_not_recommend]
impl<H: Handler<T, S>, T: Send + 'static, S: Send + 'static> Handler<WithReason<T>, S> for Unguarded<H> {
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        // No probe reaches the handler, as none reaches a service.
        if Probe::of(request.extensions()).is_some() {
            return Box::pin(ready(ProbeAnswer::NotAsked.into_response()));
        }
        Box::pin(self.inner.call(request, state))
    }
}

#[diagnostic::do_not_recommend]
impl<H, T, S> sealed::GuardedHandler<WithReason<T>, S> for Unguarded<H> {}

#[diagnostic::do_not_recommend]
impl<H, T, S> GuardedHandler<WithReason<T>, S> for Unguarded<H> {
    fn record(&self, kind: RouteKind, methods: Methods) -> RouteMetadata {
        RouteMetadata::new(kind, methods).because(self.reason)
    }
}

/// The arguments of a guarded handler, as axum writes them: `(M, G)`, `(M, G, A)` and so on.
///
/// Other crates cannot name it, and so cannot implement it.
pub trait GuardedArguments {
    /// The guard.
    type First: GuardArgument;
}

/// Implements it for as many arguments after the guard, and for fewer.
macro_rules! arguments {
    ($($name:ident $($fewer:ident)*)?) => {
        #[diagnostic::do_not_recommend]
        impl<M, G: GuardArgument, $($name, $($fewer),*)?> GuardedArguments for (M, G, $($name, $($fewer),*)?) {
            type First = G;
        }
        $(arguments!($($fewer)*);)?
    };
}

arguments!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);

/// A guard as an argument. Other crates cannot name it, and so cannot implement it.
pub trait GuardArgument {
    /// Its requirement.
    type Spec: GuardSpec;
    /// Whether an attribute on the handler generated it; a permit is declared elsewhere, and does not know
    /// the handler.
    const IS_ATTRIBUTE: bool = true;
}

impl<G: Guard> GuardArgument for G {
    type Spec = G::Spec;
}

impl<R: GuardSpec, T: Resource + 'static> GuardArgument for ResourceRequired<R, T> {
    type Spec = Self;
}

impl<R: GuardSpec, T: 'static> GuardArgument for PolicyResourceRequired<R, T> {
    type Spec = Self;
}

impl<P: PermitFor<T>, T: 'static> GuardArgument for Permit<P, T> {
    type Spec = Self;
    const IS_ATTRIBUTE: bool = false;
}
