//! Renders the rejections of one router's routes: [`RefusalLayer`].

use std::{fmt, sync::Arc};

use axum::response::IntoResponse;
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::{Refusal, choose_renderer::Render};

/// The extension of a request that a [`RefusalLayer`] inserts.
#[derive(Clone)]
pub(super) struct RouterRender(pub(super) Render);

impl fmt::Debug for RouterRender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RouterRender(..)")
    }
}

/// Replaces the responses to rejected requests for the routes of one router.
///
/// # Example
///
/// ```
/// use auth_runtime::{auth_required, Refusal, refusal::RefusalLayer};
/// use axum::{Router, response::{IntoResponse, Response}, routing::get};
///
/// #[auth_required]
/// async fn secret() -> &'static str {
///     "secret"
/// }
///
/// let api: Router = Router::new()
///     .route("/secret", get(secret))
///     .layer(RefusalLayer::new(|refusal: &Refusal| (refusal.status(), "no").into_response()));
/// ```
#[derive(Clone)]
pub struct RefusalLayer {
    render: RouterRender,
}

impl RefusalLayer {
    /// Renders rejections with `render`.
    pub fn new<F, R>(render: F) -> Self
    where
        F: Fn(&Refusal) -> R + Send + Sync + 'static,
        R: IntoResponse,
    {
        Self { render: RouterRender(Arc::new(move |refusal| render(refusal).into_response())) }
    }
}

impl fmt::Debug for RefusalLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusalLayer").finish_non_exhaustive()
    }
}

impl<S> Layer<S> for RefusalLayer {
    type Service = RefusalService<S>;

    fn layer(&self, inner: S) -> RefusalService<S> {
        RefusalService { inner, render: self.render.clone() }
    }
}

/// The service of [`RefusalLayer`].
#[derive(Clone)]
pub struct RefusalService<S> {
    inner: S,
    render: RouterRender,
}

impl<S> fmt::Debug for RefusalService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusalService").finish_non_exhaustive()
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for RefusalService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(self.render.clone());
        self.inner.call(request)
    }
}
