//! Who is asked for the answer, and what every answer must carry.

use std::{fmt, sync::Arc};

use auth_identity::__private::realm;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Request, StatusCode, header, request::Parts};
use tower_layer::Layer;
use tower_service::Service;

use super::{Facts, Lacking, Refusal, body};
use crate::{error_kind::AuthErrorKind, layer::Config, probe::Probe};

/// Makes a response of a refusal.
pub(crate) type Render = Arc<dyn Fn(&Refusal) -> Response + Send + Sync>;

/// Answers a refused request.
pub(crate) fn respond(config: &Config, kind: AuthErrorKind, parts: &Parts) -> Response {
    respond_with(config, kind, parts, Lacking::default(), None)
}

/// Answers a refused request; `own` is the guard's own way.
pub(crate) fn respond_with(
    config: &Config,
    kind: AuthErrorKind,
    parts: &Parts,
    lacking: Lacking,
    own: Option<&dyn Fn(&Refusal) -> Response>,
) -> Response {
    let refusal = config.refusal(kind, Facts::of(parts), lacking);
    let response = match own {
        Some(own) => complete(own(&refusal), &refusal),
        None => rendered(config, &refusal),
    };
    Probe::rejected(parts, response)
}

/// Asks the router, or else the application, for the answer.
fn rendered(config: &Config, refusal: &Refusal) -> Response {
    let response = match refusal.router() {
        Some(RouterRender(render)) => render(refusal),
        None => config.render(refusal),
    };
    complete(response, refusal)
}

/// The answer for what is not there, or is not to be seen.
pub(crate) fn hidden(head: bool) -> Response {
    let mut response = body::missing(head);
    response.extensions_mut().insert(Hiding);
    response
}

/// Adds what no answer may lack.
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

/// Marks an answer that must not be told from that of a path that does not exist; the layer adds nothing to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hiding;

/// Marks such an answer of which a gate has said already that it depends on the user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WithoutMethods;

/// Takes `Allow` from an answer that hides its route. Axum adds it outside of all layers, where a layer's guard answers for a
/// method that the path does not have.
pub(crate) fn without_methods(mut response: Response) -> Response {
    let marks = response.extensions();
    if marks.get::<Hiding>().is_some() || marks.get::<WithoutMethods>().is_some() {
        response.headers_mut().remove(header::ALLOW);
    }
    response
}

/// Marks the answer to an error that a handler returned, which knows nothing of the request. The layer replaces it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unnegotiated(AuthErrorKind);

pub(crate) fn unnegotiated(kind: AuthErrorKind) -> Response {
    let mut response = body::of(kind, false, None);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if kind.wants_a_user() {
        headers.insert(header::WWW_AUTHENTICATE, realm::of_cookies());
    }
    response.extensions_mut().insert(Unnegotiated(kind));
    response
}

/// Returns whether [`renegotiate`] has something to do.
pub(crate) fn is_unnegotiated(response: &Response) -> bool {
    response.extensions().get::<Unnegotiated>().is_some()
}

/// Headers that speak of a body which is about to be replaced.
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

/// Gives the answer to a handler's error the form that a guard would have given it. What is not known of the request
/// counts as not asked for.
pub(crate) fn renegotiate(config: &Config, head: Option<&Parts>, mut response: Response) -> Response {
    let Some(Unnegotiated(kind)) = response.extensions_mut().remove() else { return response };
    // The handler may have put its error into a response with a status and headers of its own.
    if response.status() != kind.status() {
        return response;
    }
    let refusal = config.refusal(kind, head.map(Facts::of).unwrap_or_default(), Lacking::default());
    let mut answer = rendered(config, &refusal);
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

/// What a [`RefusalLayer`] puts among a request's extensions.
#[derive(Clone)]
pub(super) struct RouterRender(Render);

impl fmt::Debug for RouterRender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RouterRender(..)")
    }
}

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
