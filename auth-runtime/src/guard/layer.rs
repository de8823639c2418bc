//! Guards for what is not a handler function.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use auth_acl::__private::check_variant;
use axum::response::{IntoResponse, Response};
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::{
    enforce::enforce,
    requirement::{OwnedName, Requirement},
    spec::{Site, Spec},
};
use crate::{
    acl::{Acl, Permission},
    identity::Scopes,
};

/// A guard as a tower layer, for what is not a handler function: files, services, foreign routers.
///
/// Put it on with `route_layer`, or around the service itself; an [`AuthLayer`](crate::AuthLayer) must stand outside.
/// It decides before the service sees the request.
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
///     .merge(files.route_layer(guard::acl("read", FILES)))
///     .layer(AuthLayer::new(TicketCookie::new(KeyRing::random())));
/// ```
///
/// # Security
///
/// `route_layer` guards the routes that the router has at that moment: a route added later is not guarded.
#[derive(Clone)]
#[must_use]
pub struct GuardLayer {
    pub(crate) spec: Arc<Spec>,
}

/// Demands nothing, as `#[allow_anonymous]` does, and says why.
///
/// It is for what is public on purpose where a guard is wanted: around a service on a
/// [`guarded::Router`](crate::guarded::Router), or on a router of axum's own whose
/// [`AuthLayer` demands guards](crate::AuthLayer::demand_guards). It needs no `AuthLayer`. On the same route as other guards it
/// changes nothing.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, TicketCookie, guard};
/// use axum::{Router, routing::get};
///
/// let health: Router = Router::new().route("/health", get(|| async { "up" }));
/// let app: Router = Router::new()
///     .merge(health.route_layer(guard::anonymous("the load balancer has no account")))
///     .layer(AuthLayer::new(TicketCookie::new(KeyRing::random())).demand_guards());
/// ```
///
/// # Panics
///
/// Panics when the reason is empty: the application then does not start.
#[track_caller]
pub fn anonymous(reason: &'static str) -> GuardLayer {
    assert!(
        !reason.trim_ascii().is_empty(),
        "the reason is empty; say why anonymous requests may call this, for the review of the routes"
    );
    GuardLayer::of(Spec::anonymous(Site::LAYER).because(reason))
}

/// Demands a user, as `#[auth_required]` does.
pub fn auth() -> GuardLayer {
    GuardLayer::of(Spec::authenticated(Site::LAYER))
}

/// Demands a permission that `context` grants, as `#[acl_required(…)]` does.
///
/// # Panics
///
/// Panics when no rule of `context` mentions the permission: the application then does not start.
#[track_caller]
pub fn acl(permission: impl Permission, context: Acl) -> GuardLayer {
    check_variant(&context, "the context", permission.name());
    GuardLayer::new(Requirement::List { permission: OwnedName::of(&permission), list: context })
}

/// Demands a permission that the application's policy grants, as `#[permission_required(…)]` does.
pub fn permission(permission: impl Permission) -> GuardLayer {
    GuardLayer::new(Requirement::Policy { permission: OwnedName::of(&permission) })
}

/// Demands an access token that was issued for all these scopes, as `#[scope_required(…)]` does.
///
/// # Example
///
/// ```
/// use auth_runtime::guard;
/// use axum::{Router, routing::get};
///
/// let files: Router = Router::new().route("/files/{name}", get(|| async { "a file" }));
/// let files = files.route_layer(guard::scope(["files:read"]));
/// # let _: Router = files;
/// ```
///
/// # Panics
///
/// Panics when there is none, or when one is no scope token (RFC 6749, section 3.3): the application then does not start.
#[track_caller]
pub fn scope<T: AsRef<str>>(scopes: impl IntoIterator<Item = T>) -> GuardLayer {
    let scopes = Scopes::new(scopes);
    assert!(
        scopes.is_ok(),
        "one of these is not a scope; write for example `guard::scope([\"articles:read\"])`"
    );
    let scopes = scopes.unwrap_or_default();
    assert!(
        !scopes.is_empty(),
        "no scope is asked for; write for example `guard::scope([\"articles:read\"])`"
    );
    let text = scopes.to_string();
    GuardLayer::new(Requirement::Scopes { scopes, text })
}

impl GuardLayer {
    fn new(requirement: Requirement) -> Self {
        Self::of(Spec::new(Site::LAYER, requirement))
    }

    fn of(spec: Spec) -> Self {
        Self { spec: Arc::new(spec) }
    }

    /// Stands before a service, as `layer` does.
    ///
    /// A [`guarded::Router`](crate::guarded::Router) takes services, and routers of axum's own, with a guard around them.
    pub fn around<S>(self, inner: S) -> GuardService<S> {
        GuardService { inner, guard: self }
    }
}

impl fmt::Debug for GuardLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardLayer").finish_non_exhaustive()
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = GuardService<S>;

    fn layer(&self, inner: S) -> GuardService<S> {
        GuardService { inner, guard: self.clone() }
    }
}

/// The service that [`GuardLayer`] makes.
#[derive(Clone)]
pub struct GuardService<S> {
    inner: S,
    guard: GuardLayer,
}

impl<S> GuardService<S> {
    pub(crate) fn into_inner(self) -> (S, GuardLayer) {
        (self.inner, self.guard)
    }
}

impl<S> fmt::Debug for GuardService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardService").finish_non_exhaustive()
    }
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
        // The clone has not been asked whether it is ready; the one that was goes into the future.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let spec = Arc::clone(&self.guard.spec);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            if let Err(response) = enforce(&parts, &spec).await {
                return Ok(response);
            }
            inner.call(Request::from_parts(parts, body)).await.map(IntoResponse::into_response)
        })
    }
}
