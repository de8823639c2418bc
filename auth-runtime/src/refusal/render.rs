//! Renderers of rejections, and the headers that every such response must have.

use std::{fmt, sync::Arc};

use auth_identity::__private::realm;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Request, StatusCode, header};
use tower_layer::Layer;
use tower_service::Service;

use super::{Refusal, default_body};
use crate::error_kind::AuthErrorKind;

/// Renders a rejection as a response.
pub(crate) type Render = Arc<dyn Fn(&Refusal) -> Response + Send + Sync>;

impl Refusal {
    /// Renders the response with the first renderer that exists: the guard's own, that of the router, that of the
    /// application, the default one.
    pub(crate) fn render(
        &self,
        own: Option<&dyn Fn(&Self) -> Response>,
        application: Option<&Render>,
    ) -> Response {
        let response = match (own, self.router(), application) {
            (Some(own), ..) => own(self),
            (None, Some(RouterRender(render)), _) | (None, None, Some(render)) => render(self),
            (None, None, None) => self.default_response(),
        };
        complete(response, self)
    }
}

/// The response for a route that does not exist, or is hidden.
pub(crate) fn hidden(head: bool) -> Response {
    let mut response = default_body::missing(head);
    response.extensions_mut().insert(Hiding);
    response
}

/// Adds the headers that every response must have.
fn complete(mut response: Response, refusal: &Refusal) -> Response {
    if refusal.kind == AuthErrorKind::Hidden {
        response.extensions_mut().insert(Hiding);
        return response;
    }
    let is_challenge = matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    let headers = response.headers_mut();
    if is_challenge && !headers.contains_key(header::WWW_AUTHENTICATE) {
        for challenge in refusal.challenges.iter() {
            headers.append(header::WWW_AUTHENTICATE, challenge.clone());
        }
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if !headers.contains_key(header::VARY) {
        headers.append(header::VARY, refusal.vary.clone());
    }
    response
}

/// Marks a response that must be identical to that for a path that does not exist; the layer adds nothing to
/// it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hiding;

/// Marks such a response if a gate has already added that it depends on the user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WithoutMethods;

/// Removes `Allow` from a response that hides its route. Axum adds it outside of all layers, if a layer's
/// guard responds to a method that the path does not have.
pub(crate) fn without_methods(mut response: Response) -> Response {
    let marks = response.extensions();
    if marks.get::<Hiding>().is_some() || marks.get::<WithoutMethods>().is_some() {
        response.headers_mut().remove(header::ALLOW);
    }
    response
}

/// Marks the response to an error of a handler, which was made without the request. The layer replaces it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unnegotiated(AuthErrorKind);

pub(crate) fn unnegotiated(kind: AuthErrorKind) -> Response {
    let mut response = default_body::of(kind, false, None, kind.step_up());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if kind.wants_a_user() {
        headers.insert(header::WWW_AUTHENTICATE, realm::of_cookies());
    }
    response.extensions_mut().insert(Unnegotiated(kind));
    response
}

/// Returns whether a response is that to an error of a handler.
pub(crate) fn is_unnegotiated(response: &Response) -> bool {
    response.extensions().get::<Unnegotiated>().is_some()
}

/// Headers that describe a body which is about to be replaced.
const OF_THE_BODY: [HeaderName; 8] = [
    header::ACCEPT_RANGES,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::ETAG,
    header::LAST_MODIFIED,
    header::TRANSFER_ENCODING,
];

/// Returns the kind of the error that a handler responded with, if the response still has the form of the error.
pub(crate) fn take_unnegotiated(response: &mut Response) -> Option<AuthErrorKind> {
    let Unnegotiated(kind) = response.extensions_mut().remove()?;
    // The handler may have turned its error into a response with a status and headers of its own.
    (response.status() == kind.status()).then_some(kind)
}

/// Adds to the rendered response of an error what the handler has added to its own.
pub(crate) fn with_headers_of(response: Response, kind: AuthErrorKind, mut answer: Response) -> Response {
    let (parts, _) = response.into_parts();
    let (own, default) = (answer.headers().clone(), unnegotiated(kind).into_parts().0.headers);
    for (name, value) in &parts.headers {
        let adds = if default.get(name) == Some(value) {
            false
        } else if name == header::SET_COOKIE || name == header::VARY {
            own.get_all(name).iter().all(|line| line != value)
        } else {
            !own.contains_key(name) && !OF_THE_BODY.contains(name)
        };
        if adds {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer.extensions_mut().extend(parts.extensions);
    answer
}

/// The extension of a request that a [`RefusalLayer`] inserts.
#[derive(Clone)]
pub(super) struct RouterRender(Render);

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
