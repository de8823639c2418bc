//! Guards services and routers: [`GuardLayer`] and [`GuardService`].

use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::response::{IntoResponse, Response};
use http::{Method, Request, header, request::Parts};
use tower_layer::Layer;
use tower_service::Service;

use super::{Spec, enforce::enforce};
use crate::events;

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
///
/// A pre-flight request (CORS) has no credential, and the guard rejects it as it does any anonymous `OPTIONS` request: it
/// may be meant for the service inside. A CORS layer therefore belongs outside of the guard. On a
/// [`guarded::Router`](crate::guarded::Router) the other order panics when the router is built; elsewhere the first
/// such request is logged.
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

/// The guards whose first rejected pre-flight request was logged: any site can send them, so once is enough. Axum makes
/// the service of a layer for each request, so it cannot keep that.
static NOTED: Mutex<BTreeSet<(&str, u32)>> = Mutex::new(BTreeSet::new());

/// Logs the first pre-flight request (CORS) that a guard rejects. A guard cannot let them pass: whether the service
/// inside has a CORS layer, or would take the request for a call, is unknown.
fn note_preflight(parts: &Parts, spec: &Spec) {
    let is_preflight = parts.method == Method::OPTIONS
        && parts.headers.contains_key(header::ORIGIN)
        && parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let is_first =
        || NOTED.lock().unwrap_or_else(PoisonError::into_inner).insert((spec.site.file, spec.site.line));
    if is_preflight && is_first() {
        events::preflight_rejected(parts.uri.path());
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
                note_preflight(&parts, spec);
                return Ok(response);
            }
            inner.call(Request::from_parts(parts, body)).await.map(IntoResponse::into_response)
        })
    }
}
