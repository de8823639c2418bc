//! Guards for services and routers.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::response::{IntoResponse, Response};
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::{Spec, enforce::enforce};

/// A guard as a tower layer, for anything that is not a handler function: files, services, routers of other
/// crates.
///
/// [`guard::acl!`](super::acl) and its like make one. They take the arguments and options of the attributes, and
/// are checked by the compiler as these are.
///
/// Apply it with `route_layer`, or around the service itself; an [`AuthLayer`](crate::AuthLayer) must be
/// outside of it. It decides before the service receives the request.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, guard, Acl, AuthLayer, KeyRing, TicketCookie};
/// use axum::{Router, routing::get};
///
/// const FILES: Acl = acl![(Allow, Group("staff"), ["read"])];
///
/// let files: Router = Router::new().route("/files/{name}", get(|| async { "a file" }));
/// let app: Router = Router::new()
///     .merge(files.route_layer(guard::acl!("read", FILES)))
///     .layer(AuthLayer::new(TicketCookie::new(KeyRing::random())));
/// ```
///
/// # Security
///
/// `route_layer` applies to the routes that the router has at that moment: a route added later is not
/// guarded.
#[derive(Clone, Debug)]
#[must_use]
pub struct GuardLayer {
    pub(crate) spec: &'static Spec,
}

impl GuardLayer {
    #[doc(hidden)]
    pub const fn __new(spec: &'static Spec) -> Self {
        Self { spec }
    }

    /// Wraps a service, as `layer` does.
    ///
    /// A [`guarded::Router`](crate::guarded::Router) accepts services, and axum's routers, with a guard
    /// around them.
    pub fn around<S>(self, inner: S) -> GuardService<S> {
        GuardService { inner, guard: self }
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = GuardService<S>;

    fn layer(&self, inner: S) -> GuardService<S> {
        self.clone().around(inner)
    }
}

/// The service of [`GuardLayer`].
#[derive(Clone, Debug)]
pub struct GuardService<S> {
    pub(crate) inner: S,
    pub(crate) guard: GuardLayer,
}

impl<S, B> Service<Request<B>> for GuardService<S>
where
    S: Service<Request<B>> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The clone has not been polled for readiness; the original, which has, is moved into the future.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let spec = self.guard.spec;
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            if let Err(response) = enforce(&parts, spec).await {
                return Ok(response);
            }
            inner.call(Request::from_parts(parts, body)).await.map(IntoResponse::into_response)
        })
    }
}
