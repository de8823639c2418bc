//! Gives each request its state, and completes the response: [`AuthService`].

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use auth_identity::__private::RequestHandle;
use axum::response::{IntoResponse, Response};
use http::Request;
use pin_project_lite::pin_project;
use tower_service::Service;
use tracing::Span;

use super::{AuthLayer, complete_response, demand_guards::Demand};
use crate::{auth::RequestState, guard_probe::Probe, identity::ConcealedCredentials, refusal, telemetry};

/// The service that [`AuthLayer`] makes.
#[derive(Clone, Debug)]
pub struct AuthService<S> {
    pub(super) inner: S,
    pub(super) auth: AuthLayer,
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
        let begun = self.auth.begin(&mut request);
        let _entered = begun.entered();
        ResponseFuture::new(self.inner.call(request), Some(begun))
    }
}

/// The state of a request, which its response needs.
pub(crate) struct Begun {
    state: Arc<RequestState>,
    demand: Option<Box<Demand>>,
}

impl Begun {
    /// Enters the span of the request while a service is called.
    pub(crate) fn entered(&self) -> tracing::span::EnteredSpan {
        self.state.span().clone().entered()
    }
}

impl AuthLayer {
    /// Adds the state to a request's extensions, where guards, extractors and handlers find it.
    pub(crate) fn begin<B>(&self, request: &mut Request<B>) -> Begun {
        // Of a layer around this one
        let mut concealed = request.extensions_mut().remove::<ConcealedCredentials>().unwrap_or_default();
        self.config.identity.conceal(request.headers_mut(), &mut concealed);
        if !concealed.is_empty() {
            request.extensions_mut().insert(concealed);
        }
        let state = Arc::new(RequestState::new(Arc::clone(&self.config), telemetry::span(request.method())));
        if let Some(probe) = Probe::of(request.extensions()) {
            state.carried().play(probe, self.config.clock.now());
        }
        let outer = request.extensions_mut().insert(RequestHandle::new(Arc::clone(&state)));
        let demand = Demand::of(request, &state, outer.as_ref().and_then(RequestHandle::shared));
        Begun { state, demand }
    }
}

pin_project! {
    /// The future of [`AuthService`].
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        begun: Option<Begun>,
        span: Span,
        upkeep: Option<Pin<Box<dyn Future<Output = Response> + Send>>>,
    }
}

impl<F> ResponseFuture<F> {
    /// Without a state, nothing is written to the response.
    pub(crate) fn new(inner: F, begun: Option<Begun>) -> Self {
        let span = begun.as_ref().map_or_else(Span::none, |begun| begun.state.span().clone());
        Self { inner, begun, span, upkeep: None }
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<R, E>>,
    R: IntoResponse,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _entered = this.span.enter();
        if let Some(upkeep) = this.upkeep {
            return upkeep.as_mut().poll(context).map(Ok);
        }
        let mut response = match ready!(this.inner.poll(context)) {
            // `Allow` is removed before anything is added: removing a header later would change the order of
            // the others.
            Ok(response) => refusal::without_methods(response.into_response()),
            Err(error) => return Poll::Ready(Err(error)),
        };
        let Some(Begun { state, demand }) = this.begun.take() else { return Poll::Ready(Ok(response)) };
        if let Some(replacement) = demand.and_then(|demand| demand.replacement(&state, &response)) {
            return Poll::Ready(Ok(replacement));
        }
        match complete_response::to_response(&state, &mut response) {
            None => Poll::Ready(Ok(response)),
            Some(upkeep) => {
                let upkeep = Box::pin(complete_response::keep_up(state, upkeep, response));
                this.upkeep.insert(upkeep).as_mut().poll(context).map(Ok)
            }
        }
    }
}
