//! Guards for services and routers.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use auth_acl::__private::check_permission;
use axum::response::{IntoResponse, Response};
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::{GuardKind, Spec, enforce::enforce};
use crate::{
    acl::{Acl, Name, Permission},
    identity::Scopes,
};

/// A guard as a tower layer, for anything that is not a handler function: files, services, routers of other
/// crates.
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
///     .merge(files.route_layer(guard::acl("read", FILES)))
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
    pub(crate) spec: Arc<Spec>,
}

/// Requires nothing, like `#[allow_anonymous]`, and states the reason.
///
/// It is for what is public on purpose, in a place that requires a guard: around a service on a
/// [`guarded::Router`](crate::guarded::Router), or on axum's router if its [`AuthLayer` demands
/// guards](crate::AuthLayer::demand_guards). It needs no `AuthLayer`. On a route with other guards it has no
/// effect.
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
/// Panics if the reason is empty: the application then does not start.
#[track_caller]
pub fn anonymous(reason: &'static str) -> GuardLayer {
    assert!(
        !reason.trim_ascii().is_empty(),
        "the reason is empty; say why anonymous requests may call this, for the review of the routes"
    );
    GuardLayer::new(GuardKind::Anybody, &[]).with(|spec| spec.reason = Some(reason))
}

/// Requires a user, like `#[auth_required]`.
pub fn auth() -> GuardLayer {
    GuardLayer::new(GuardKind::AnyUser, &[])
}

/// Requires a permission that `context` grants, like `#[acl_required(…)]`.
///
/// # Panics
///
/// Panics if no rule of `context` names the permission: the application then does not start.
#[track_caller]
pub fn acl(permission: impl Permission, context: Acl) -> GuardLayer {
    check_permission(&context, "the ACL", permission.name(), true);
    GuardLayer::new(GuardKind::ByAcl, &[permission.name()]).with(|spec| spec.list = context)
}

/// Requires a permission that the application's policy grants, like `#[permission_required(…)]`.
pub fn permission(permission: impl Permission) -> GuardLayer {
    GuardLayer::new(GuardKind::ByPolicy, &[permission.name()])
}

/// Requires an access token with all these scopes, like `#[scope_required(…)]`.
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
/// Panics if there are no scopes, or if one is not a scope token (RFC 6749, section 3.3): the application
/// then does not start.
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
    GuardLayer::new(GuardKind::ByScope, &scopes.iter().map(Name::Text).collect::<Vec<_>>())
}

impl GuardLayer {
    fn new(kind: GuardKind, names: &[Name<'_>]) -> Self {
        Self { spec: Arc::new(Spec::of_layer(kind, names)) }
    }

    pub(super) fn with(mut self, set: impl FnOnce(&mut Spec)) -> Self {
        set(Arc::make_mut(&mut self.spec));
        self
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
