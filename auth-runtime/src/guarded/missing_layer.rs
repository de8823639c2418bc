//! Reports a guarded router that is served without its layer, and something else that is added as its layer, as
//! compile errors.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    marker::PhantomData,
    task::{Context, Poll},
};

use tower_service::Service;

use super::Router;
use crate::AuthLayer;

/// The argument of [`Router::with_auth`], which only an [`AuthLayer`] is.
///
/// A trait and not the type, because its message says what an identity policy lacks.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this is not an `AuthLayer`; write `.with_auth(AuthLayer::new(…))` around the identity policy",
    label = "expected an `AuthLayer`"
)]
pub trait IntoAuthLayer {
    fn into_auth_layer(self) -> AuthLayer;
}

#[diagnostic::do_not_recommend]
impl IntoAuthLayer for AuthLayer {
    fn into_auth_layer(self) -> Self {
        self
    }
}

/// Nothing implements this: the layer has to be added first.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this router has no `AuthLayer`; write `.with_auth(AuthLayer::new(…))` after the last route",
    label = "this router has no `AuthLayer`"
)]
pub trait WithAuth {}

/// Nothing implements this either: the layer has to be added first.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this router has no `AuthLayer`; write `.with_auth(AuthLayer::new(…))` after the last route",
    label = "this router has no `AuthLayer`"
)]
pub trait MakeService {
    type Made;

    fn make(self) -> Self::Made;
}

/// Represents the router in the message.
#[doc(hidden)]
#[derive(Debug)]
pub struct RouterWithoutAuth<S>(PhantomData<S>);

#[doc(hidden)]
impl<R, S> Service<R> for Router<S>
where
    RouterWithoutAuth<S>: WithAuth,
{
    type Response = axum::Router;
    type Error = Infallible;
    type Future = Ready<Result<axum::Router, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: R) -> Self::Future {
        ready(Ok(axum::Router::new()))
    }
}

#[doc(hidden)]
impl<S> From<Router<S>> for axum::Router<S>
where
    RouterWithoutAuth<S>: WithAuth,
    S: Clone + Send + Sync + 'static,
{
    fn from(_: Router<S>) -> Self {
        Self::new()
    }
}

// The return type needs the bound: so the compiler misses it while it looks for the method, and does not show its
// source.
#[doc(hidden)]
impl<S> Router<S> {
    #[must_use]
    pub fn into_make_service(self) -> <Self as MakeService>::Made
    where
        Self: MakeService,
    {
        self.make()
    }

    #[must_use]
    pub fn into_make_service_with_connect_info<C>(self) -> <Self as MakeService>::Made
    where
        Self: MakeService,
    {
        self.make()
    }

    #[must_use]
    pub fn into_service<B>(self) -> <Self as MakeService>::Made
    where
        Self: MakeService,
    {
        self.make()
    }

    #[must_use]
    pub fn as_service<B>(self) -> <Self as MakeService>::Made
    where
        Self: MakeService,
    {
        self.make()
    }
}
