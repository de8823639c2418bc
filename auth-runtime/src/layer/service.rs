//! The service of the layer: each request gets its state.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use auth_identity::__private::RequestHandle;
use axum::response::{IntoResponse, Response};
use http::Request;
use tower_service::Service;

use super::{AuthLayer, ResponseFuture, demand::Demand};
use crate::{auth::RequestState, config::Config, probe::Probe};

/// The service that [`AuthLayer`](super::AuthLayer) makes.
#[derive(Clone)]
pub struct AuthService<S> {
    inner: S,
    config: Arc<Config>,
}

impl<S> AuthService<S> {
    pub(super) fn new(inner: S, layer: &AuthLayer) -> Self {
        Self { inner, config: Arc::clone(&layer.config) }
    }
}

impl<S> fmt::Debug for AuthService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthService").finish_non_exhaustive()
    }
}

impl<S, B> Service<Request<B>> for AuthService<S>
where
    S: Service<Request<B>>,
    S::Response: IntoResponse,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let begun = Begun::new(&self.config, &mut request);
        ResponseFuture::new(self.inner.call(request), Some(begun))
    }
}

/// The state of a request, which its response needs.
pub(crate) struct Begun {
    pub(super) state: Arc<RequestState>,
    pub(super) demand: Option<Box<Demand>>,
}

impl Begun {
    /// Adds the state to a request's extensions, where guards, extractors and handlers find it.
    fn new<B>(config: &Arc<Config>, request: &mut Request<B>) -> Self {
        let state = Arc::new(RequestState::new(Arc::clone(config)));
        if let Some(probe) = Probe::of(request.extensions()) {
            state.carried().play(probe, config.clock.now());
        }
        let outer = request.extensions_mut().insert(RequestHandle::new(Arc::clone(&state)));
        let demand = Demand::of(request, &state, outer.as_ref().and_then(RequestHandle::shared));
        Self { state, demand }
    }
}

impl AuthLayer {
    /// Adds the state to a request, for an application that calls its router itself.
    pub(crate) fn begin<B>(&self, request: &mut Request<B>) -> Begun {
        Begun::new(&self.config, request)
    }
}
