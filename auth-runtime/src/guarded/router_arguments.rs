//! Accepts arguments of a guarded router: handlers of a path, services and other routers, and the layers
//! around them.

use std::convert::Infallible;

use axum::{
    extract::Request,
    response::IntoResponse,
    routing::{MethodRouter, Route, any_service},
};
use tower_layer::Layer;
use tower_service::Service;

use super::unguarded_with_reason::{Protection, Unguarded};
use crate::{
    access::{
        http_methods::Methods,
        route_metadata::{RouteKind, RouteMetadata},
    },
    guard::GuardService,
    guard_probe::{Probed, probed, probed_methods},
};

pub(super) mod sealed {
    /// `T` is what it is made of: a method router or a router of axum, or `()` for a service
    pub trait Sealed<T> {}

    /// `T` itself. An implementation for all types with this bound keeps the compiler from listing those that
    /// an implementation for one type is not about.
    pub trait Is<T> {
        fn itself(self) -> T;
    }

    impl<T> Is<T> for T {
        fn itself(self) -> T {
            self
        }
    }
}

/// A service that a guarded router takes: one with a guard around it, or with a reason to have none.
///
/// This trait is sealed.
#[diagnostic::on_unimplemented(
    message = "this service is not guarded; write `guard::auth!().around(…)` or `unguarded(\"the reason\", …)`",
    label = "this service has no guard"
)]
pub trait GuardedService: sealed::Sealed<()> + 'static {
    /// The service inside. That it can be a route is a bound of the functions and not of the implementations:
    /// otherwise a service that cannot be one would be reported as one without a guard.
    type Inner;

    /// Splits it into its parts.
    #[doc(hidden)]
    fn into_parts(self) -> (Self::Inner, Protection);
}

/// Returns a service behind its guard, which no probe reaches.
pub(super) fn protected<T: Answering>(inner: T, protection: &Protection) -> MethodRouter {
    let methods = any_service(Probed::new(inner, protection.answer()));
    match protection {
        Protection::Guard(guard) => methods.layer(guard.clone()),
        Protection::Reason(_) => methods,
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
    message = "a guarded route is expected; write `get(…)` with `use auth_runtime::guarded::get`, or `route_service` \
               for a service",
    label = "not made by a function of `auth_runtime::guarded`",
    note = "routes of `axum::routing` are accepted with a reason, `unguarded(\"the reason\", …)`"
)]
pub trait IntoMethodRouter<S>: sealed::Sealed<MethodRouter<S>> {
    /// Splits it into its parts.
    #[doc(hidden)]
    #[track_caller]
    fn into_parts(self) -> (MethodRouter<S>, Vec<RouteMetadata>);
}

/// The argument of [`Router::nest`](super::Router::nest) and [`Router::merge`](super::Router::merge): guarded
/// routers.
///
/// This trait is sealed. Axum's own routers are accepted as services are.
#[diagnostic::on_unimplemented(
    message = "a guarded router is expected; write `auth_runtime::guarded::Router` in place of `axum::Router`, \
               `guard::auth!().around(…)` around it, or `.routes()` after `on_login(…)`",
    label = "not a `guarded::Router`",
    note = "routes of axum's router are also accepted with a reason, `unguarded(\"the reason\", …)`; for a service, \
            write `nest_service`"
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
    pub(super) records: Vec<RouteMetadata>,
}

macro_rules! services {
    ($($wrapper:ident)*) => {
        $(
            impl<T> sealed::Sealed<()> for $wrapper<T> {}

            #[diagnostic::do_not_recommend]
            impl<T: 'static> GuardedService for $wrapper<T> {
                type Inner = T;

                fn into_parts(self) -> (T, Protection) {
                    self.into_protected()
                }
            }

            impl<T, S> sealed::Sealed<MethodRouter<S>> for $wrapper<T> {}
            impl<T, S> sealed::Sealed<axum::Router<S>> for $wrapper<T> {}

            #[diagnostic::do_not_recommend]
            impl<T: sealed::Is<MethodRouter<S>>, S> IntoMethodRouter<S> for $wrapper<T>
            where
                S: Clone + Send + Sync + 'static,
            {
                #[track_caller]
                fn into_parts(self) -> (MethodRouter<S>, Vec<RouteMetadata>) {
                    let (inner, protection) = self.into_protected();
                    let inner = inner.itself();
                    let record = protection.record(RouteKind::Single, Methods::ANY);
                    let methods = probed_methods(inner, protection.answer());
                    let methods = match protection {
                        Protection::Guard(guard) => methods.layer(guard),
                        Protection::Reason(_) => methods,
                    };
                    (methods, vec![record])
                }
            }

            #[diagnostic::do_not_recommend]
            impl<T: sealed::Is<axum::Router<S>>, S> IntoRouter<S> for $wrapper<T>
            where
                S: Clone + Send + Sync + 'static,
            {
                #[track_caller]
                fn into_parts(self, whole: bool) -> Parts<S> {
                    let (inner, protection) = self.into_protected();
                    let inner = inner.itself();
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
