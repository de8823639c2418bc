//! Arguments of a guarded router: handlers of a path, services and other routers, and the layers around them.

use std::convert::Infallible;

use axum::{extract::Request, response::IntoResponse, routing::Route};
use tower_layer::Layer;
use tower_service::Service;

use super::unguarded_with_reason::{Protection, Unguarded};
use crate::{
    access::{
        http_methods::Methods,
        route_record::{RouteKind, RouteRecord},
    },
    guard::GuardService,
    route_probe::{ProbeAnswer, Probed, probed, probed_methods},
};

pub(super) mod sealed {
    /// `T` is what it is made of: a method router or a router of axum, or `()` for a service
    pub trait Sealed<T> {}
}

/// A service that a guarded router takes: one with a guard around it, or with a reason to have none.
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "this service is not guarded; write `guard::auth!().around(…)` or `unguarded(\"the reason\", …)`",
    label = "this service has no guard"
)]
pub trait GuardedService: sealed::Sealed<()> + 'static {
    /// The service that answers.
    type Service: Answering;

    /// Splits it into its parts.
    #[doc(hidden)]
    fn into_parts(self) -> (Self::Service, Protection);
}

impl<T: Answering> GuardedService for GuardService<T> {
    type Service = GuardService<Probed<T>>;

    fn into_parts(self) -> (Self::Service, Protection) {
        let Self { inner, guard } = self;
        (guard.clone().around(Probed::new(inner, ProbeAnswer::Passed)), Protection::Guard(guard))
    }
}

impl<T: Answering> GuardedService for Unguarded<T> {
    type Service = Probed<T>;

    fn into_parts(self) -> (Probed<T>, Protection) {
        (Probed::new(self.inner, ProbeAnswer::NotAsked), Protection::Reason(self.reason))
    }
}

/// A service that a router can call.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this service cannot be a route; make its error `Infallible`, for example with \
               `axum::error_handling::HandleError`",
    label = "not a service that a router accepts",
    note = "it takes `axum::extract::Request`, returns an `IntoResponse`, and is `Clone`, `Send` and `Sync`"
)]
pub trait Answering:
    Service<Request, Response: IntoResponse + 'static, Error = Infallible, Future: Send + 'static>
    + Clone
    + Send
    + Sync
    + 'static
{
}

#[diagnostic::do_not_recommend]
impl<T> Answering for T where
    T: Service<Request, Response: IntoResponse + 'static, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// A layer that a router can put around its routes.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this layer cannot be added to a router; make the error of its service `Infallible`, for example \
               with `axum::error_handling::HandleErrorLayer`",
    label = "not a layer that a router accepts",
    note = "its service takes `axum::extract::Request`, and both are `Clone`, `Send` and `Sync`"
)]
pub trait RouteLayer: Layer<Route, Service: Answering> + Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<L> RouteLayer for L where L: Layer<Route, Service: Answering> + Clone + Send + Sync + 'static {}

/// The argument of [`Router::route`](super::Router::route): handlers combined by [`get`](super::get) and the
/// like.
///
/// This trait is sealed. Axum's own method routers are accepted as services are.
#[diagnostic::on_unimplemented(
    message = "a guarded route is expected; write `get(…)` with `use auth_runtime::guarded::get`",
    label = "not made by a function of `auth_runtime::guarded`",
    note = "routes of `axum::routing` are accepted with a reason, `unguarded(\"the reason\", …)`"
)]
pub trait IntoMethodRouter<S>: sealed::Sealed<axum::routing::MethodRouter<S>> {
    /// Splits it into its parts.
    #[doc(hidden)]
    #[track_caller]
    fn into_parts(self) -> (axum::routing::MethodRouter<S>, Vec<RouteRecord>);
}

/// The argument of [`Router::nest`](super::Router::nest) and [`Router::merge`](super::Router::merge): guarded
/// routers.
///
/// This trait is sealed. Axum's own routers are accepted as services are.
#[diagnostic::on_unimplemented(
    message = "these routes are not guarded; write `auth_runtime::guarded::Router` in place of `axum::Router`",
    label = "not a `guarded::Router`",
    note = "routes of axum's router are accepted with a guard, `guard::auth!().around(…)`, or with a reason, \
            `unguarded(\"the reason\", …)`"
)]
pub trait IntoRouter<S>: sealed::Sealed<axum::Router<S>> {
    /// Splits it into its parts. `whole` says whether its fallback is included.
    #[doc(hidden)]
    #[track_caller]
    fn into_parts(self, whole: bool) -> Parts<S>;
}

/// A router that is about to become part of another.
#[doc(hidden)]
#[derive(Debug)]
pub struct Parts<S> {
    pub(super) routes: axum::Router<S>,
    /// The same without routes and fallback; `None` if a guard applies to the response for unknown paths
    pub(super) bare: Option<axum::Router<S>>,
    pub(super) records: Vec<RouteRecord>,
}

/// The handlers of one path of axum, inside a guard or a reason.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a route of axum is expected inside; write `axum::routing::get(…)` around a handler, or `route_service` for a \
               service",
    label = "not made by a function of `axum::routing`"
)]
pub trait RouteOfAxum<S> {
    fn into_route(self) -> axum::routing::MethodRouter<S>;
}

#[diagnostic::do_not_recommend]
impl<S> RouteOfAxum<S> for axum::routing::MethodRouter<S> {
    fn into_route(self) -> Self {
        self
    }
}

/// A router of axum, inside a guard or a reason.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a router of axum is expected inside; write `axum::Router::new().route(…)`, or `nest_service` for a service",
    label = "not a router of axum"
)]
pub trait RouterOfAxum<S> {
    fn into_router(self) -> axum::Router<S>;
}

#[diagnostic::do_not_recommend]
impl<S> RouterOfAxum<S> for axum::Router<S> {
    fn into_router(self) -> Self {
        self
    }
}

macro_rules! services {
    ($($wrapper:ident)*) => {
        $(
            impl<T> sealed::Sealed<()> for $wrapper<T> {}
            impl<S, T> sealed::Sealed<axum::routing::MethodRouter<S>> for $wrapper<T> {}
            impl<S, T> sealed::Sealed<axum::Router<S>> for $wrapper<T> {}

            impl<S: Clone + Send + Sync + 'static, T: RouteOfAxum<S>> IntoMethodRouter<S> for $wrapper<T> {
                #[track_caller]
                fn into_parts(self) -> (axum::routing::MethodRouter<S>, Vec<RouteRecord>) {
                    let (inner, protection) = self.into_protected();
                    let record = protection.record(RouteKind::Single, Methods::ANY);
                    let methods = probed_methods(inner.into_route(), protection.answer());
                    let methods = match protection {
                        Protection::Guard(guard) => methods.layer(guard),
                        Protection::Reason(_) => methods,
                    };
                    (methods, vec![record])
                }
            }

            impl<S: Clone + Send + Sync + 'static, T: RouterOfAxum<S>> IntoRouter<S> for $wrapper<T> {
                #[track_caller]
                fn into_parts(self, whole: bool) -> Parts<S> {
                    let (inner, protection) = self.into_protected();
                    let inner = inner.into_router();
                    let inner = if whole { inner } else { inner.reset_fallback() };
                    let record = protection.record(RouteKind::Tree, Methods::ANY);
                    let routes = probed(inner, protection.answer());
                    let (routes, bare) = match protection {
                        Protection::Guard(guard) => (routes.layer(guard), None),
                        Protection::Reason(_) => (routes, Some(axum::Router::new())),
                    };
                    Parts { routes, bare, records: vec![record.at("/")] }
                }
            }
        )*
    };
}

services!(GuardService Unguarded);
