//! Who is asked for the answer, and what every answer must carry.

use std::{fmt, sync::Arc};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Request, StatusCode, header, request::Parts};
use tower_layer::Layer;
use tower_service::Service;

use super::{Facts, Refusal, RefusalKind, body};
use crate::layer::Config;

/// Makes a response of a refusal.
pub(crate) type Render = Arc<dyn Fn(&Refusal) -> Response + Send + Sync>;

/// Answers a refused request.
pub(crate) fn respond(
    config: &Config,
    kind: RefusalKind,
    parts: &Parts,
    permission: Option<&'static str>,
) -> Response {
    respond_with(config, kind, parts, permission, None)
}

/// Answers a refused request; `own` is the guard's own way.
pub(crate) fn respond_with(
    config: &Config,
    kind: RefusalKind,
    parts: &Parts,
    permission: Option<&'static str>,
    own: Option<&dyn Fn(&Refusal) -> Response>,
) -> Response {
    let refusal = config.refusal(kind, Facts::of(parts), permission);
    let response = match (own, parts.extensions.get::<RouterRender>()) {
        (Some(own), _) => own(&refusal),
        (None, Some(RouterRender(render))) => render(&refusal),
        (None, None) => config.render(&refusal),
    };
    complete(response, &refusal)
}

/// The answer for what is not there, or is not to be seen.
pub(crate) fn hidden() -> Response {
    let mut response = body::of(RefusalKind::Hidden, false, None);
    response.extensions_mut().insert(Hiding);
    response
}

/// Adds what no answer may lack.
fn complete(mut response: Response, refusal: &Refusal) -> Response {
    if refusal.kind == RefusalKind::Hidden {
        response.extensions_mut().insert(Hiding);
        return response;
    }
    let unauthorized = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    if unauthorized && !headers.contains_key(header::WWW_AUTHENTICATE) {
        headers.insert(header::WWW_AUTHENTICATE, refusal.challenge.clone());
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if !headers.contains_key(header::VARY) {
        headers.append(header::VARY, refusal.vary.clone());
    }
    response
}

/// Marks an answer that must not be told from that of a path that does not exist; the layer adds nothing to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hiding;

/// Marks the answer to an error that a handler returned, which knows nothing of the request. The layer replaces it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unnegotiated(RefusalKind);

pub(crate) fn unnegotiated(kind: RefusalKind) -> Response {
    let mut response = body::of(kind, false, None);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if kind == RefusalKind::Unauthenticated {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Cookie realm=\"restricted\""));
    }
    response.extensions_mut().insert(Unnegotiated(kind));
    response
}

/// Gives the answer to a handler's error the form that a guard would have given it.
pub(crate) fn renegotiate(config: &Config, facts: Option<Facts>, response: Response) -> Response {
    let Some(Unnegotiated(kind)) = response.extensions().get::<Unnegotiated>().copied() else {
        return response;
    };
    let Some(facts) = facts else { return response };
    // The handler may have put its error into a response with headers of its own.
    let (parts, _) = response.into_parts();
    let refusal = config.refusal(kind, facts, None);
    let mut response = complete(config.render(&refusal), &refusal);
    for (name, value) in &parts.headers {
        if !response.headers().contains_key(name)
            && ![header::CONTENT_LENGTH, header::CONTENT_TYPE].contains(name)
        {
            response.headers_mut().append(name, value.clone());
        }
    }
    for value in parts.headers.get_all(header::SET_COOKIE).iter().skip(1) {
        response.headers_mut().append(header::SET_COOKIE, value.clone());
    }
    response
}

#[derive(Clone)]
struct RouterRender(Render);

/// Replaces the answers to refusals for the routes of one router.
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
    /// Answers refusals with what `render` makes of them.
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

/// The service that [`RefusalLayer`] makes.
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
