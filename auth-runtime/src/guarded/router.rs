//! The router.

use std::{any::Any, convert::Infallible, fmt};

use axum::{
    extract::Request,
    handler::Handler,
    response::IntoResponse,
    routing::{MethodRouter, Route, any, any_service},
};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    App,
    foreign::{Answering, GuardedService, IntoMethodRouter, IntoRouter, Parts, Unguarded},
    handler::GuardedHandler,
    hidden::{check_other_methods, hide_other_methods},
    methods::Methods,
    record::{RouteKind, RouteRecord},
};
use crate::{AuthLayer, access::AccessTable, guard::GuardLayer};

/// A router on which an unguarded handler does not compile.
///
/// Its methods are those of axum's [`Router`](axum::Router), and do the same. What is not a handler (a service, a router
/// of axum's own) comes in with [a guard around it](GuardLayer::around) or with [a written reason](super::unguarded).
/// [`with_auth`](Self::with_auth) makes an [`App`] of it, which can be served and takes no further routes.
#[must_use]
pub struct Router<S = ()> {
    inner: axum::Router<S>,
    /// The same without routes and fallback, in the same layers: what is left of it when a guard stands before the rest
    bare: axum::Router<S>,
    records: Vec<RouteRecord>,
    /// What stands before every route that is added, the innermost first
    guards: Vec<GuardLayer>,
}

impl Router {
    /// Puts the layer around everything, the responses to unknown paths and methods included, and makes an application that
    /// can be served.
    ///
    /// No route can be added to what this returns. Add what needs no guard before, with a reason, by
    /// [`unguarded`](super::unguarded). Layers that belong outside the [`AuthLayer`] go around the result by
    /// [`App::layer`].
    ///
    /// ```compile_fail,E0277
    /// use auth_runtime::{AuthLayer, guarded::{App, Router}};
    /// use axum::routing::get;
    ///
    /// fn app(routes: Router, auth: AuthLayer) -> App {
    ///     routes.with_auth(auth).route("/live", get(|| async { "yes" })) // a route is added after `with_auth`
    /// }
    /// ```
    pub fn with_auth(self, auth: AuthLayer) -> App {
        App::new(self.inner, auth.around_guarded_router(), self.records)
    }
}

impl<S: Clone + Send + Sync + 'static> Router<S> {
    /// Makes a router without routes.
    pub fn new() -> Self {
        let (inner, bare) = (axum::Router::new(), axum::Router::new());
        Self { inner, bare, records: Vec::new(), guards: Vec::new() }
    }

    /// Puts a guard before everything on this router: routes, nested and merged routers, services and the fallback, whether
    /// they are there already or are added later.
    ///
    /// It is asked before the guards of the handlers, and once more for each router around that has one. The 404 for
    /// paths that are not there is answered without asking it; the 405 of a path that is there is not. Layers that are
    /// added later stand outside it. Where it [hides](GuardLayer::hide), it answers the other methods of a path with 404, too,
    /// without `Allow`.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{acl, acl_required, guard, guarded::{get, Router}, Acl};
    ///
    /// const ADMIN: Acl = acl![(Allow, Group("admins"), ["enter", "restart"])];
    ///
    /// #[acl_required("restart", ADMIN)]
    /// async fn restart() {}
    ///
    /// let admin: Router = Router::new()
    ///     .guarded_by(guard::acl("enter", ADMIN))
    ///     .route("/restart", get(restart)); // asks for "enter", then for "restart"
    /// assert_eq!(admin.routes()[0].guards().len(), 2);
    /// ```
    pub fn guarded_by(mut self, guard: GuardLayer) -> Self {
        self.records.iter_mut().for_each(|record| record.behind(&guard));
        self.inner = self.inner.layer(guard.clone()).merge(self.bare.clone());
        self.guards.push(guard);
        self
    }

    /// Adds a route.
    ///
    /// Where every handler of the path is hidden, by `hide` in its attribute or by a [hiding](GuardLayer::hide) guard that was
    /// put on before this call, other methods answer 404 without `Allow`, as a path does that is not there. Where another
    /// handler of the path is not hidden, they answer 405.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{auth_required, guarded::{get, Router}};
    ///
    /// #[auth_required(hide)]
    /// async fn secret() {}
    ///
    /// let routes: Router = Router::new().route("/secret", get(secret)); // `POST /secret` answers 404
    /// ```
    ///
    /// # Panics
    ///
    /// Panics when the path is malformed, or the route is there already. Panics when the handlers of the path are hidden, and
    /// these ones have a fallback of their own: such a path gets all its handlers in one call.
    #[track_caller]
    pub fn route<M: IntoMethodRouter<S>>(mut self, path: &str, handlers: M) -> Self {
        let (handlers, records) = handlers.into_parts();
        let mut records = self.behind_guards(records.into_iter().map(|record| record.at(path)));
        check_other_methods(&self.records, &records);
        let handlers = hide_other_methods(handlers, &self.records, &mut records);
        self.records.append(&mut records);
        let handlers = self.guarded(handlers);
        self.inner = self.inner.route(path, handlers);
        self
    }

    /// Adds a service at a path.
    ///
    /// # Panics
    ///
    /// Panics when the path is malformed, or the route is there already; and when it is a router of axum's own without a guard,
    /// which belongs to [`nest`](Self::nest).
    #[track_caller]
    pub fn route_service<T: GuardedService>(mut self, path: &str, service: T) -> Self {
        // Axum would see it by itself if nothing stood around it.
        assert!(
            !(&service as &dyn Any).is::<Unguarded<axum::Router>>(),
            "`Router::route_service` takes no router, which has paths of its own; use `Router::nest` instead"
        );
        let (service, admission) = service.into_parts();
        let record = admission.record(RouteKind::Single, Methods::ANY);
        self.remember([record.at(path)]);
        self.inner = match self.guard_service(&service) {
            Some(guarded) => self.inner.route_service(path, guarded),
            None => self.inner.route_service(path, service),
        };
        self
    }

    /// Adds the routes of a guarded router under a path.
    ///
    /// # Panics
    ///
    /// Panics when the path is empty or `/`, or a route is there already.
    #[track_caller]
    pub fn nest<R: IntoRouter<S>>(mut self, path: &str, other: R) -> Self {
        let Parts { routes, mut records, .. } = other.into_parts(true);
        for record in &mut records {
            record.nest(path);
        }
        self.remember(records);
        let routes = self.guards.iter().fold(routes, |routes, guard| routes.layer(guard.clone()));
        self.inner = self.inner.nest(path, routes);
        self
    }

    /// Adds a service under a path.
    ///
    /// # Panics
    ///
    /// Panics when the path is empty or `/`, or a route is there already.
    #[track_caller]
    pub fn nest_service<T: GuardedService>(mut self, path: &str, service: T) -> Self {
        let (service, admission) = service.into_parts();
        let record = admission.record(RouteKind::Tree, Methods::ANY);
        self.remember([record.at(path)]);
        self.inner = match self.guard_service(&service) {
            Some(guarded) => self.inner.nest_service(path, guarded),
            None => self.inner.nest_service(path, service),
        };
        self
    }

    /// Takes over the routes and the fallback of a guarded router.
    ///
    /// Of a router of axum's own, the fallbacks do not come along; give them by
    /// [`fallback_service`](Self::fallback_service).
    ///
    /// # Panics
    ///
    /// Panics when a route is there already, or both have a fallback.
    #[track_caller]
    pub fn merge<R: IntoRouter<S>>(mut self, other: R) -> Self {
        let Parts { routes, bare, records } = other.into_parts(false);
        self.remember(records);
        let routes = self.guards.iter().fold(routes, |routes, guard| routes.layer(guard.clone()));
        // Of two routers without a fallback, axum keeps the answer to unknown paths of the one that is taken over. One with
        // a guard before it is not to become that of all.
        self.bare = bare.unwrap_or(self.bare);
        self.inner = self.inner.merge(routes).merge(self.bare.clone());
        self
    }

    /// Answers with the handler where no route does.
    #[track_caller]
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: Handler<T, S> + GuardedHandler<T, S>,
        T: 'static,
    {
        self.remember_fallback(H::record(RouteKind::Fallback, Methods::ANY));
        self.inner = match self.guard_handler(&handler) {
            Some(guarded) => self.inner.fallback(guarded),
            None => self.inner.fallback(handler),
        };
        self
    }

    /// Answers with the service where no route does.
    #[track_caller]
    pub fn fallback_service<T: GuardedService>(mut self, service: T) -> Self {
        let (service, admission) = service.into_parts();
        self.remember_fallback(admission.record(RouteKind::Fallback, Methods::ANY));
        self.inner = match self.guard_service(&service) {
            Some(guarded) => self.inner.fallback_service(guarded),
            None => self.inner.fallback_service(service),
        };
        self
    }

    /// Answers with the handler where a route that is there now has no handler for the method.
    #[track_caller]
    pub fn method_not_allowed_fallback<H, T>(mut self, handler: H) -> Self
    where
        H: Handler<T, S> + GuardedHandler<T, S>,
        T: 'static,
    {
        let record = H::record(RouteKind::MethodNotAllowed, Methods::ANY);
        self.remember([record.at("/")]);
        self.inner = match self.guard_handler(&handler) {
            Some(guarded) => self.inner.method_not_allowed_fallback(guarded),
            None => self.inner.method_not_allowed_fallback(handler),
        };
        self
    }

    /// Takes the fallbacks away, those of nested routers included.
    pub fn reset_fallback(mut self) -> Self {
        self.records.retain(|record| record.kind() != RouteKind::Fallback);
        self.inner = self.inner.reset_fallback();
        self.bare = axum::Router::new();
        self
    }

    /// Puts a layer around everything that is there, the fallback included.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Response: IntoResponse + 'static, Error: Into<Infallible> + 'static>
            + Clone
            + Send
            + Sync
            + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        RouteRecord::all_behind(&mut self.records, &layer);
        self.bare = self.bare.layer(layer.clone());
        self.inner = self.inner.layer(layer);
        self
    }

    /// Puts a layer around the routes that are there, but not around fallbacks.
    ///
    /// # Panics
    ///
    /// Panics when there are no routes.
    #[track_caller]
    pub fn route_layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Response: IntoResponse + 'static, Error: Into<Infallible> + 'static>
            + Clone
            + Send
            + Sync
            + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let routes = self.records.iter_mut().filter(|record| record.kind() != RouteKind::Fallback);
        RouteRecord::all_behind(routes, &layer);
        self.inner = self.inner.route_layer(layer);
        self
    }

    /// Gives the handlers their state.
    pub fn with_state<S2>(self, state: S) -> Router<S2> {
        Router {
            inner: self.inner.with_state(state.clone()),
            bare: self.bare.with_state(state),
            records: self.records,
            guards: self.guards,
        }
    }

    /// Takes paths with segments that begin with `:` or `*`, as axum's method of this name does.
    pub fn without_v07_checks(mut self) -> Self {
        self.inner = self.inner.without_v07_checks();
        self
    }

    /// Returns whether there are routes.
    #[must_use]
    pub fn has_routes(&self) -> bool {
        self.inner.has_routes()
    }

    /// Returns what is known of the routes, in the order in which they were added.
    #[must_use]
    pub fn routes(&self) -> &[RouteRecord] {
        &self.records
    }

    /// Works out who may call what.
    #[must_use]
    pub fn access(&self) -> AccessTable {
        AccessTable::new(&self.records)
    }

    #[track_caller]
    fn remember(&mut self, records: impl IntoIterator<Item = RouteRecord>) {
        let mut records = self.behind_guards(records);
        check_other_methods(&self.records, &records);
        self.records.append(&mut records);
    }

    fn behind_guards(&self, records: impl IntoIterator<Item = RouteRecord>) -> Vec<RouteRecord> {
        let behind = |mut record: RouteRecord| {
            self.guards.iter().for_each(|guard| record.behind(guard));
            record
        };
        records.into_iter().map(behind).collect()
    }

    fn remember_fallback(&mut self, record: RouteRecord) {
        self.records.retain(|earlier| earlier.kind() != RouteKind::Fallback || earlier.path() != "/");
        self.remember([record.at("/")]);
    }

    fn guarded<S2: Clone + Send + Sync + 'static>(&self, handlers: MethodRouter<S2>) -> MethodRouter<S2> {
        self.guards.iter().fold(handlers, |handlers, guard| handlers.layer(guard.clone()))
    }

    fn guard_service<T: Answering>(&self, service: &T) -> Option<MethodRouter> {
        (!self.guards.is_empty()).then(|| self.guarded(any_service(service.clone())))
    }

    fn guard_handler<H: Handler<T, S>, T: 'static>(&self, handler: &H) -> Option<MethodRouter<S>> {
        (!self.guards.is_empty()).then(|| self.guarded(any(handler.clone())))
    }
}

pub(super) mod sealed {
    pub trait Sealed {}
}

impl<S> sealed::Sealed for Router<S> {}

impl<S> IntoRouter<S> for Router<S> {
    fn into_parts(self, _whole: bool) -> Parts<S> {
        Parts { routes: self.inner, bare: Some(self.bare), records: self.records }
    }
}

impl<S> Clone for Router<S> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            bare: self.bare.clone(),
            records: self.records.clone(),
            guards: self.guards.clone(),
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Router<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("records", &self.records).finish_non_exhaustive()
    }
}
