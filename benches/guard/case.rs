//! One route and a request for it.

use std::convert::Infallible;

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request, StatusCode, request::Parts},
    response::Response,
};
use tower::Service;

/// One route and a request for it; `H` says which headers the request carries.
pub(crate) struct Case<H> {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// Which headers its request carries.
    pub(crate) headers: H,
    /// What it answers.
    pub(crate) status: StatusCode,
    /// The route `/`.
    pub(crate) router: Router,
    /// The request for it.
    pub(crate) request: Parts,
}

impl<H> Case<H> {
    /// A request with this header, if any, for the route `/` of a router.
    pub(crate) fn new(
        name: &'static str,
        headers: H,
        header: Option<(HeaderName, HeaderValue)>,
        status: StatusCode,
        router: Router,
    ) -> Self {
        let mut request = Request::new(()).into_parts().0;
        request.headers.extend(header);
        // As a server does before it serves: routes are put together once, not at each request.
        Self { name, headers, status, router: router.with_state(()), request }
    }

    /// Sends the request through the router.
    pub(crate) async fn call(&mut self) -> Response {
        let request = Request::from_parts(self.request.clone(), Body::empty());
        self.router.call(request).await.unwrap_or_else(|never: Infallible| match never {})
    }
}
