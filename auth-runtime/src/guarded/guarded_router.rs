//! Routes to guarded handlers only, an unguarded one is a compile error: [`GuardedRouter`], exported as
//! `Router`.

use std::{any::Any, fmt};

use axum::routing::{MethodRouter, any};

use super::{
    App,
    check_guards_at_startup::check_guards,
    guarded_handler_bound::{AxumHandler, GuardedHandler},
    hide_other_methods::{check_other_methods, hide_other_methods},
    missing_layer::IntoAuthLayer,
    missing_state::NoMissingState,
    router_arguments::{
        Answering, GuardedService, IntoMethodRouter, IntoRouter, Parts, RouteLayer, protected, sealed,
    },
    unguarded_with_reason::Unguarded,
};
use crate::{
    access::{
        AccessTable,
        http_methods::Methods,
        route_metadata::{RouteKind, RouteMetadata},
    },
    conditions::check_bindings,
    guard::GuardLayer,
};

/// A router on which an unguarded handler is a compile error.
///
/// Its methods are those of axum's [`Router`](axum::Router), with the same behavior. Anything that is not a
/// handler (a service, an axum router) needs [a guard around it](GuardLayer::around) or [a stated
/// reason](super::unguarded). [`with_auth`](Self::with_auth) turns it into an [`App`], which can be served
/// and to which no route can be added.
// With axum's name, the compiler would explain at length that two types of one name differ.
#[derive(Clone)]
#[must_use]
pub struct GuardedRouter<S = ()> {
    inner: axum::Router<S>,
    /// The same without routes and fallback, in the same layers: for responses that a guard of the router
    /// applies to
    bare: axum::Router<S>,
    records: Vec<RouteMetadata>,
    /// The guards of every route that is added, the innermost first
    guards: Vec<GuardLayer>,
}

impl<S> GuardedRouter<S> {
    /// Adds the layer around everything, including the responses to unknown paths and methods, and returns an
    /// application that can be served.
    ///
    /// No route can be added to the result. Add what needs no guard before, with a reason, by
    /// [`unguarded`](super::unguarded). Layers that belong outside the [`AuthLayer`](crate::AuthLayer) are
    /// added to the result by [`App::layer`].
    ///
    /// ```compile_fail,E0277
    /// use auth_runtime::{AuthLayer, guarded::{App, Router}};
    /// use axum::routing::get;
    ///
    /// fn app(routes: Router, auth: AuthLayer) -> App {
    ///     routes.with_auth(auth).route("/live", get(|| async { "yes" })) // a route is added after `with_auth`
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if a guard asks the policy for a permission and the layer has no policy, or one that answers for
    /// another enum, if a rule of a guard has a [condition](crate::conditions) that the layer cannot answer, and if a
    /// guard's resource is loaded by a [path parameter](crate::Resource::PATH_PARAMETERS) that the path of the route,
    /// with the prefixes of all outer routers, lacks. The application then does not start.
    #[track_caller]
    #[must_use]
    pub fn with_auth(self, auth: impl IntoAuthLayer) -> <Self as NoMissingState>::App
    where
        Self: NoMissingState,
    {
        let auth = auth.into_auth_layer();
        check_guards(&self.records, &auth);
        #[cfg(feature = "overlay")]
        super::check_overlays_at_startup::check_overlays(&self.records, &auth);
        check_bindings(&self.records, &auth);
        self.complete(|router| App::new(router.inner, auth.around_guarded_router(), router.records))
    }
}

impl<S: Clone + Send + Sync + 'static> GuardedRouter<S> {
    /// Makes a router without routes.
    pub fn new() -> Self {
        let (inner, bare) = (axum::Router::new(), axum::Router::new());
        Self { inner, bare, records: Vec::new(), guards: Vec::new() }
    }

    /// Applies a guard to everything on this router: routes, nested and merged routers, services and the
    /// fallback, whether they are added before or after this call.
    ///
    /// It is evaluated before the guards of the handlers, and once for each nesting router that has one. It
    /// does not apply to the 404 for unknown paths, but does apply to the 405 of a known path. Layers that
    /// are added later are outside of it. If it hides (`hide`), the other methods of a path are
    /// answered with 404, too, without `Allow`.
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
    ///     .guarded_by(guard::acl!("enter", ADMIN))
    ///     .route("/restart", get(restart)); // asks for "enter", then for "restart"
    /// assert_eq!(admin.routes()[0].guards().len(), 2);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if there is a route with a CORS layer around it, and the guard rejects anonymous requests: it would
    /// reject the pre-flight requests that the CORS layer answers. Add the CORS layer after the guard.
    #[track_caller]
    pub fn guarded_by(mut self, guard: GuardLayer) -> Self {
        for record in &mut self.records {
            record.behind(&guard);
        }
        self.inner = self.inner.layer(guard.clone()).merge(self.bare.clone());
        self.guards.push(guard);
        self
    }

    /// Adds a route.
    ///
    /// If every handler of the path is hidden, by `hide` in its attribute or by a guard with
    /// `hide` that was applied before this call, other methods are answered with 404 without `Allow`, like an
    /// unknown path. If a handler of the path is not hidden, they are answered with 405.
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
    /// Panics if the path is malformed, or the route exists already; and if the handlers of the path are
    /// hidden and these have a fallback of their own: such a path needs all its handlers in one call.
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
    /// Panics if the path is malformed, or the route exists already; and if it is an axum router without a
    /// guard, which belongs to [`nest`](Self::nest).
    #[track_caller]
    pub fn route_service<T: GuardedService<Inner: Answering>>(mut self, path: &str, service: T) -> Self {
        // Axum would detect it by itself if it were not wrapped.
        assert!(
            !(&service as &dyn Any).is::<Unguarded<axum::Router>>(),
            "`Router::route_service` takes no router, which has paths of its own; use `Router::nest` instead"
        );
        let (inner, protection) = service.into_parts();
        let record = protection.record(RouteKind::Single, Methods::ANY);
        self.remember([record.at(path)]);
        let service = self.guarded(protected(inner, &protection));
        self.inner = self.inner.route_service(path, service);
        self
    }

    /// Adds the routes of a guarded router under a path.
    ///
    /// # Panics
    ///
    /// Panics if the path is empty or `/`, or a route exists already.
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
    /// Panics if the path is empty or `/`, or a route exists already.
    #[track_caller]
    pub fn nest_service<T: GuardedService<Inner: Answering>>(mut self, path: &str, service: T) -> Self {
        let (inner, protection) = service.into_parts();
        let record = protection.record(RouteKind::Tree, Methods::ANY);
        self.remember([record.at(path)]);
        let service = self.guarded(protected(inner, &protection));
        self.inner = self.inner.nest_service(path, service);
        self
    }

    /// Merges the routes and the fallback of a guarded router into this one.
    ///
    /// The fallbacks of an axum router are not merged; add them by
    /// [`fallback_service`](Self::fallback_service).
    ///
    /// # Panics
    ///
    /// Panics if a route exists already, or both have a fallback.
    #[track_caller]
    pub fn merge<R: IntoRouter<S>>(mut self, other: R) -> Self {
        let Parts { routes, bare, records } = other.into_parts(false);
        self.remember(records);
        let routes = self.guards.iter().fold(routes, |routes, guard| routes.layer(guard.clone()));
        // Of two routers without a fallback, axum keeps the response to unknown paths of the merged one. If
        // that one has a guard, it must not apply to all.
        self.bare = bare.unwrap_or(self.bare);
        self.inner = self.inner.merge(routes).merge(self.bare.clone());
        self
    }

    /// Routes requests that match no route to the handler.
    #[track_caller]
    pub fn fallback<H: AxumHandler<T, S> + GuardedHandler<T, S>, T: 'static>(mut self, handler: H) -> Self {
        self.remember_fallback(handler.record(RouteKind::Fallback, Methods::ANY));
        let handler = self.guarded(any(handler));
        self.inner = self.inner.fallback(handler);
        self
    }

    /// Routes requests that match no route to the service.
    #[track_caller]
    pub fn fallback_service<T: GuardedService<Inner: Answering>>(mut self, service: T) -> Self {
        let (inner, protection) = service.into_parts();
        self.remember_fallback(protection.record(RouteKind::Fallback, Methods::ANY));
        let service = self.guarded(protected(inner, &protection));
        self.inner = self.inner.fallback_service(service);
        self
    }

    /// Routes requests to the handler if a route that exists now has no handler for the method.
    #[track_caller]
    pub fn method_not_allowed_fallback<H: AxumHandler<T, S> + GuardedHandler<T, S>, T: 'static>(
        mut self,
        handler: H,
    ) -> Self {
        let record = handler.record(RouteKind::MethodNotAllowed, Methods::ANY);
        self.remember([record.at("/")]);
        let handler = self.guarded(any(handler));
        self.inner = self.inner.method_not_allowed_fallback(handler);
        self
    }

    /// Removes the fallbacks, including those of nested routers.
    pub fn reset_fallback(mut self) -> Self {
        self.records.retain(|record| record.kind() != RouteKind::Fallback);
        self.inner = self.inner.reset_fallback();
        self.bare = axum::Router::new();
        self
    }

    /// Adds a layer around everything that exists now, including the fallback.
    ///
    /// # Panics
    ///
    /// Panics as [`guarded_by`](Self::guarded_by) does, if it is a guard.
    #[track_caller]
    pub fn layer<L: RouteLayer>(mut self, layer: L) -> Self {
        RouteMetadata::all_behind(&mut self.records, &layer);
        self.bare = self.bare.layer(layer.clone());
        self.inner = self.inner.layer(layer);
        self
    }

    /// Adds a layer around the current routes, but not around fallbacks.
    ///
    /// # Panics
    ///
    /// Panics if there are no routes.
    #[track_caller]
    pub fn route_layer<L: RouteLayer>(mut self, layer: L) -> Self {
        let routes = self.records.iter_mut().filter(|record| record.kind() != RouteKind::Fallback);
        RouteMetadata::all_behind(routes, &layer);
        self.inner = self.inner.route_layer(layer);
        self
    }

    /// Provides the handlers with their state.
    pub fn with_state<S2>(self, state: S) -> GuardedRouter<S2> {
        GuardedRouter {
            inner: self.inner.with_state(state.clone()),
            bare: self.bare.with_state(state),
            records: self.records,
            guards: self.guards,
        }
    }

    /// Accepts paths with segments that start with `:` or `*`, as axum's method of this name does.
    pub fn without_v07_checks(mut self) -> Self {
        self.inner = self.inner.without_v07_checks();
        self
    }

    /// Returns whether there are routes.
    #[must_use]
    pub fn has_routes(&self) -> bool {
        self.inner.has_routes()
    }

    /// Returns the records of the routes, in the order in which they were added.
    #[must_use]
    pub fn routes(&self) -> &[RouteMetadata] {
        &self.records
    }

    /// Computes the access table.
    #[must_use]
    pub fn access(&self) -> AccessTable {
        AccessTable::new(&self.records)
    }

    #[track_caller]
    fn remember(&mut self, records: impl IntoIterator<Item = RouteMetadata>) {
        let mut records = self.behind_guards(records);
        check_other_methods(&self.records, &records);
        self.records.append(&mut records);
    }

    #[track_caller]
    fn behind_guards(&self, records: impl IntoIterator<Item = RouteMetadata>) -> Vec<RouteMetadata> {
        let mut records: Vec<_> = records.into_iter().collect();
        for record in &mut records {
            for guard in &self.guards {
                record.behind(guard);
            }
        }
        records
    }

    fn remember_fallback(&mut self, record: RouteMetadata) {
        self.records.retain(|earlier| earlier.kind() != RouteKind::Fallback || earlier.path() != "/");
        self.remember([record.at("/")]);
    }

    fn guarded<S2: Clone + Send + Sync + 'static>(&self, handlers: MethodRouter<S2>) -> MethodRouter<S2> {
        self.guards.iter().fold(handlers, |handlers, guard| handlers.layer(guard.clone()))
    }
}

impl<S> sealed::Sealed<axum::Router<S>> for GuardedRouter<S> {}

#[diagnostic::do_not_recommend]
impl<S> IntoRouter<S> for GuardedRouter<S> {
    fn into_parts(self, _whole: bool) -> Parts<S> {
        Parts { routes: self.inner, bare: Some(self.bare), records: self.records }
    }
}

impl<S: Clone + Send + Sync + 'static> Default for GuardedRouter<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for GuardedRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("records", &self.records).finish_non_exhaustive()
    }
}
