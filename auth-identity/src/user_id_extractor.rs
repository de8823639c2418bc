//! Extracts the [`UserId`] of a request by the [`RequestHandle`] that a middleware inserted into its
//! extensions.
//!
//! The extractor trait can be implemented for [`UserId`] only in this crate, whereas only the middleware
//! knows the user; the handle connects the two.

use std::{any::Any, fmt, sync::Arc};

use axum_core::{
    body::Body,
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::Response,
};
use http::{
    HeaderValue,
    header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    request::Parts,
};

use crate::{answer_future::Answer, events, identity::AuthErrorKind, identity::UserId};

/// What a middleware knows about one request.
pub trait RequestUser: Any + Send + Sync {
    /// Returns the user of the request, or the response to a rejected request.
    fn find_user<'a>(&'a self, parts: &'a Parts) -> Answer<'a, Result<Option<UserId>, Response>>;

    /// Returns the response to an anonymous request.
    fn reject_anonymous(&self, parts: &Parts) -> Response;
}

/// The extension by which extractors find what a middleware knows of their request.
#[derive(Clone)]
pub struct RequestHandle(Arc<dyn RequestUser>);

impl RequestHandle {
    /// Makes the extension for one request.
    pub fn new(state: Arc<impl RequestUser>) -> Self {
        Self(state)
    }

    /// Returns the state of the request, if it has this type.
    #[must_use]
    pub fn state<T: RequestUser>(&self) -> Option<&T> {
        let state: &dyn Any = &*self.0;
        state.downcast_ref()
    }

    /// Returns the shared state of the request, if it has this type.
    #[must_use]
    pub fn shared<T: RequestUser>(&self) -> Option<Arc<T>> {
        let state: Arc<dyn Any + Send + Sync> = Arc::<dyn RequestUser>::clone(&self.0);
        state.downcast().ok()
    }
}

impl fmt::Debug for RequestHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestHandle")
    }
}

impl<S: Send + Sync> FromRequestParts<S> for UserId {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let RequestHandle(state) = handle(parts)?;
        let found = state.find_user(parts).await?;
        found.ok_or_else(|| state.reject_anonymous(parts))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for UserId {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Response> {
        handle(parts)?.0.find_user(parts).await
    }
}

#[expect(clippy::result_large_err, reason = "a response is what axum wants of a rejected extractor")]
fn handle(parts: &Parts) -> Result<&RequestHandle, Response> {
    parts.extensions.get().ok_or_else(without_layer)
}

/// Logs the missing `AuthLayer`, and returns the response.
#[must_use]
pub fn without_layer() -> Response {
    events::misconfigured(
        "no AuthLayer stands around this route; add `.layer(AuthLayer::new(…))` to the router, after the route",
    );
    let body = r#"{"type":"about:blank","title":"Internal Server Error","status":500}"#;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = AuthErrorKind::Misconfigured.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
