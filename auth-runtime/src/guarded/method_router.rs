//! Routes the methods of one path to guarded handlers: [`MethodRouter`].

use std::fmt;

use axum::routing::MethodFilter;

use super::{
    guarded_handler_bound::{AxumHandler, GuardedHandler},
    router_arguments::{Answering, GuardedService, IntoMethodRouter, RouteLayer, protected, sealed},
};
use crate::access::{
    http_methods::Methods,
    route_metadata::{RouteKind, RouteMetadata},
};

/// The handlers of one path, by method; made by [`get`], [`post`] and the like.
///
/// It is axum's [`MethodRouter`](axum::routing::MethodRouter), except that it accepts guarded handlers only.
#[derive(Clone)]
#[must_use]
pub struct MethodRouter<S = ()> {
    inner: axum::routing::MethodRouter<S>,
    records: Vec<RouteMetadata>,
}

// The bounds are arguments, beside the name, so that compile errors show one line and not the macro.
macro_rules! methods {
    ($($method:ident: $name:ident [$($handler:tt)*] $name_service:ident [$($service:tt)*];)*) => {
        $(
            #[doc = concat!("Routes `", stringify!($method), "` requests to the handler.")]
            #[track_caller]
            pub fn $name<H: $($handler)*, T: 'static, S>(handler: H) -> MethodRouter<S>
            where
                S: Clone + Send + Sync + 'static,
            {
                MethodRouter::new().$name(handler)
            }

            #[doc = concat!("Routes `", stringify!($method), "` requests to the service.")]
            #[track_caller]
            pub fn $name_service<T: $($service)*, S>(service: T) -> MethodRouter<S>
            where
                S: Clone + Send + Sync + 'static,
            {
                MethodRouter::new().$name_service(service)
            }
        )*

        impl<S: Clone + Send + Sync + 'static> MethodRouter<S> {
            $(
                #[doc = concat!("Routes `", stringify!($method), "` requests to the handler.")]
                ///
                /// # Panics
                ///
                /// Panics when the method has a handler already.
                #[track_caller]
                pub fn $name<H: $($handler)*, T: 'static>(self, handler: H) -> Self {
                    self.on(MethodFilter::$method, handler)
                }

                #[doc = concat!("Routes `", stringify!($method), "` requests to the service.")]
                ///
                /// # Panics
                ///
                /// Panics when the method has a handler already.
                #[track_caller]
                pub fn $name_service<T: $($service)*>(self, service: T) -> Self {
                    self.on_service(MethodFilter::$method, service)
                }
            )*
        }
    };
}

methods! {
    CONNECT: connect [AxumHandler<T, S> + GuardedHandler<T, S>]
        connect_service [GuardedService<Inner: Answering>];
    DELETE: delete [AxumHandler<T, S> + GuardedHandler<T, S>]
        delete_service [GuardedService<Inner: Answering>];
    GET: get [AxumHandler<T, S> + GuardedHandler<T, S>]
        get_service [GuardedService<Inner: Answering>];
    HEAD: head [AxumHandler<T, S> + GuardedHandler<T, S>]
        head_service [GuardedService<Inner: Answering>];
    OPTIONS: options [AxumHandler<T, S> + GuardedHandler<T, S>]
        options_service [GuardedService<Inner: Answering>];
    PATCH: patch [AxumHandler<T, S> + GuardedHandler<T, S>]
        patch_service [GuardedService<Inner: Answering>];
    POST: post [AxumHandler<T, S> + GuardedHandler<T, S>]
        post_service [GuardedService<Inner: Answering>];
    PUT: put [AxumHandler<T, S> + GuardedHandler<T, S>]
        put_service [GuardedService<Inner: Answering>];
    TRACE: trace [AxumHandler<T, S> + GuardedHandler<T, S>]
        trace_service [GuardedService<Inner: Answering>];
}

/// Routes requests with one of these methods to the handler.
#[track_caller]
pub fn on<H: AxumHandler<T, S> + GuardedHandler<T, S>, T: 'static, S>(
    filter: MethodFilter,
    handler: H,
) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    MethodRouter::new().on(filter, handler)
}

/// Routes requests with one of these methods to the service.
#[track_caller]
pub fn on_service<T, S>(filter: MethodFilter, service: T) -> MethodRouter<S>
where
    T: GuardedService<Inner: Answering>,
    S: Clone + Send + Sync + 'static,
{
    MethodRouter::new().on_service(filter, service)
}

/// Routes requests to the handler, regardless of the method.
#[track_caller]
pub fn any<H: AxumHandler<T, S> + GuardedHandler<T, S>, T: 'static, S>(handler: H) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let record = handler.record(RouteKind::Single, Methods::ANY);
    MethodRouter { inner: axum::routing::any(handler), records: vec![record] }
}

/// Routes requests to the service, regardless of the method.
#[track_caller]
pub fn any_service<T, S>(service: T) -> MethodRouter<S>
where
    T: GuardedService<Inner: Answering>,
    S: Clone + Send + Sync + 'static,
{
    let (inner, protection) = service.into_parts();
    let record = protection.record(RouteKind::Single, Methods::ANY);
    MethodRouter { inner: axum::routing::any_service(protected(inner, &protection)), records: vec![record] }
}

impl<S: Clone + Send + Sync + 'static> MethodRouter<S> {
    /// Makes one without handlers, which responds with 405.
    pub fn new() -> Self {
        Self { inner: axum::routing::MethodRouter::new(), records: Vec::new() }
    }

    /// Routes requests with one of these methods to the handler.
    ///
    /// # Panics
    ///
    /// Panics when one of the methods has a handler already.
    #[track_caller]
    pub fn on<H: AxumHandler<T, S> + GuardedHandler<T, S>, T: 'static>(
        mut self,
        filter: MethodFilter,
        handler: H,
    ) -> Self {
        self.records.push(handler.record(RouteKind::Single, Methods::only(filter)));
        self.inner = self.inner.on(filter, handler);
        self
    }

    /// Routes requests with one of these methods to the service.
    ///
    /// # Panics
    ///
    /// Panics when one of the methods has a handler already.
    #[track_caller]
    pub fn on_service<T: GuardedService<Inner: Answering>>(
        mut self,
        filter: MethodFilter,
        service: T,
    ) -> Self {
        let (inner, protection) = service.into_parts();
        self.records.push(protection.record(RouteKind::Single, Methods::only(filter)));
        self.inner = self.inner.on_service(filter, protected(inner, &protection));
        self
    }

    /// Routes requests that no other handler matches to this one.
    #[track_caller]
    pub fn fallback<H: AxumHandler<T, S> + GuardedHandler<T, S>, T: 'static>(mut self, handler: H) -> Self {
        self.records.retain(|record| !record.methods().is_any());
        self.records.push(handler.record(RouteKind::Single, Methods::ANY));
        self.inner = self.inner.fallback(handler);
        self
    }

    /// Routes requests that no other handler matches to the service.
    #[track_caller]
    pub fn fallback_service<T: GuardedService<Inner: Answering>>(mut self, service: T) -> Self {
        let (inner, protection) = service.into_parts();
        self.records.retain(|record| !record.methods().is_any());
        self.records.push(protection.record(RouteKind::Single, Methods::ANY));
        self.inner = self.inner.fallback_service(protected(inner, &protection));
        self
    }

    /// Merges the handlers of another into this one.
    ///
    /// # Panics
    ///
    /// Panics when both have a handler for a method, or both have a fallback.
    #[track_caller]
    pub fn merge(mut self, mut other: Self) -> Self {
        self.records.append(&mut other.records);
        self.inner = self.inner.merge(other.inner);
        self
    }

    /// Adds a layer around all current handlers, and around the fallback.
    ///
    /// # Panics
    ///
    /// Panics as [`Router::guarded_by`](super::Router::guarded_by) does, if it is a guard.
    #[track_caller]
    pub fn layer<L: RouteLayer>(mut self, layer: L) -> Self {
        RouteMetadata::all_behind(&mut self.records, &layer);
        self.inner = self.inner.layer(layer);
        self
    }

    /// Adds a layer around the current handlers, but not around the fallback.
    ///
    /// # Panics
    ///
    /// Panics if there are no handlers.
    #[track_caller]
    pub fn route_layer<L: RouteLayer>(mut self, layer: L) -> Self {
        let named = self.records.iter_mut().filter(|record| !record.methods().is_any());
        RouteMetadata::all_behind(named, &layer);
        self.inner = self.inner.route_layer(layer);
        self
    }

    /// Provides the handlers with their state.
    pub fn with_state<S2>(self, state: S) -> MethodRouter<S2> {
        MethodRouter { inner: self.inner.with_state(state), records: self.records }
    }
}

impl<S> sealed::Sealed<axum::routing::MethodRouter<S>> for MethodRouter<S> {}

#[diagnostic::do_not_recommend]
impl<S> IntoMethodRouter<S> for MethodRouter<S> {
    fn into_parts(self) -> (axum::routing::MethodRouter<S>, Vec<RouteMetadata>) {
        (self.inner, self.records)
    }
}

impl<S: Clone + Send + Sync + 'static> Default for MethodRouter<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for MethodRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodRouter").field("records", &self.records).finish_non_exhaustive()
    }
}
