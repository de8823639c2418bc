//! A route and a request for it.

use std::convert::Infallible;

use auth_runtime::guarded::App;
use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request, StatusCode, request::Parts},
    response::Response,
};
use tower::Service;

/// The service: an axum router or a guarded application.
#[derive(Clone)]
pub(crate) enum Served {
    Router(Router),
    App(App),
}

impl From<Router> for Served {
    fn from(router: Router) -> Self {
        // Build the router once, as a server does, and not per request.
        Self::Router(router.with_state(()))
    }
}

impl From<App> for Served {
    fn from(app: App) -> Self {
        Self::App(app)
    }
}

/// A route and a request for it; `H` identifies the headers of the request.
pub(crate) struct Case<H> {
    /// The name in the table.
    pub(crate) name: &'static str,
    /// The headers of the request.
    pub(crate) headers: H,
    /// The expected response.
    pub(crate) status: StatusCode,
    /// The service at `/`.
    pub(crate) app: Served,
    /// The request.
    pub(crate) request: Parts,
}

impl<H> Case<H> {
    /// Returns a request with this header, if any, for the route `/`.
    pub(crate) fn new(
        name: &'static str,
        headers: H,
        header: Option<(HeaderName, HeaderValue)>,
        status: StatusCode,
        app: impl Into<Served>,
    ) -> Self {
        let mut request = Request::new(()).into_parts().0;
        request.headers.extend(header);
        Self { name, headers, status, app: app.into(), request }
    }

    /// Sends the request through the service.
    pub(crate) async fn call(&mut self) -> Response {
        let request = Request::from_parts(self.request.clone(), Body::empty());
        let response = match &mut self.app {
            Served::Router(router) => router.call(request).await,
            Served::App(app) => app.call(request).await,
        };
        response.unwrap_or_else(|never: Infallible| match never {})
    }
}
