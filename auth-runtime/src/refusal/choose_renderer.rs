//! Chooses the renderer of a rejection, and adds the headers that every such response must have.

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::{Refusal, hiding_marks::Hiding, refusal_layer::RouterRender};
use crate::error_kind::AuthErrorKind;

/// The header of a 401 that tells a script why: the reason of the error's kind, such as `stale`.
const AUTH_REASON: HeaderName = HeaderName::from_static("auth-reason");

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

/// Adds the headers that every response must have.
fn complete(mut response: Response, refusal: &Refusal) -> Response {
    if refusal.kind == AuthErrorKind::Hidden {
        response.extensions_mut().insert(Hiding);
        return response;
    }
    let is_challenge = matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    let is_unauthorized = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    if is_unauthorized && !headers.contains_key(AUTH_REASON) {
        headers.insert(AUTH_REASON, HeaderValue::from_static(refusal.kind.reason()));
    }
    if is_challenge && !headers.contains_key(header::WWW_AUTHENTICATE) {
        for challenge in refusal.challenges.iter() {
            headers.append(header::WWW_AUTHENTICATE, challenge.clone());
        }
        headers.extend(refusal.challenges.headers().clone());
    }
    if matches!(refusal.kind, AuthErrorKind::Throttled { .. })
        && let Some(seconds) = refusal.kind.retry_after()
        && !headers.contains_key(header::RETRY_AFTER)
    {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if !headers.contains_key(header::VARY) {
        headers.append(header::VARY, refusal.vary.clone());
    }
    if refusal.depends_on_language() {
        headers.append(header::VARY, HeaderValue::from_static("accept-language"));
    }
    response
}
