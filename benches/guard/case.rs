//! One route and a request for it.

use std::convert::Infallible;

use auth_runtime::guarded::App;
use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request, StatusCode, request::Parts},
    response::Response,
};
use tower::Service;

/// What answers: a router of axum's, or a guarded application.
#[derive(Clone)]
pub(crate) enum Served {
    Router(Router),
    App(App),
}

impl From<Router> for Served {
    fn from(router: Router) -> Self {
        // As a server does before it serves: routes are put together once, not at each request.
        Self::Router(router.with_state(()))
    }
}

impl From<App> for Served {
    fn from(app: App) -> Self {
        Self::App(app)
    }
}

/// One route and a request for it; `H` says which headers the request carries.
pub(crate) struct Case<H> {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// Which headers its request carries.
    pub(crate) headers: H,
    /// What it answers.
    pub(crate) status: StatusCode,
    /// Answers on `/`.
    pub(crate) app: Served,
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
        app: impl Into<Served>,
    ) -> Self {
        let mut request = Request::new(()).into_parts().0;
        request.headers.extend(header);
        Self { name, headers, status, app: app.into(), request }
    }

    /// Sends the request through the router or the application.
    pub(crate) async fn call(&mut self) -> Response {
        let request = Request::from_parts(self.request.clone(), Body::empty());
        let response = match &mut self.app {
            Served::Router(router) => router.call(request).await,
            Served::App(app) => app.call(request).await,
        };
        response.unwrap_or_else(|never: Infallible| match never {})
    }
}
