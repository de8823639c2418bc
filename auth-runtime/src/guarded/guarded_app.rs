//! Completes a guarded router with its layer, ready to be served: [`App`].

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    BoxError, ServiceExt,
    body::{Bytes, HttpBody},
    extract::{Request, connect_info::IntoMakeServiceWithConnectInfo},
    response::Response,
    routing::{IntoMakeService, future::RouteFuture},
};
use tower_service::Service;

use super::router_arguments::RouteLayer;
use crate::{
    AuthLayer, ResponseFuture,
    access::{AccessTable, route_metadata::RouteMetadata},
    layer::Begun,
};

/// A complete application: a guarded router with its [`AuthLayer`], to which no route can be added.
///
/// It is made by [`Router::with_auth`](super::Router::with_auth), and served like axum's router: passed to
/// `axum::serve`, called as a [`Service`], or converted into a make-service. Layers that belong outside the
/// `AuthLayer`, such as tracing, compression and CORS, are added by [`layer`](Self::layer). Every route of it
/// has a record in [`routes`](Self::routes).
///
/// It cannot be converted back into an axum router. Code that requires one takes the whole application as a
/// service:
///
/// ```
/// use auth_runtime::{AuthLayer, KeyRing, TicketCookie, allow_anonymous, guarded::{App, Router, get}};
///
/// #[allow_anonymous(reason = "the start page is public")]
/// async fn start() -> &'static str {
///     "hello"
/// }
///
/// let app: App = Router::new()
///     .route("/", get(start))
///     .with_auth(AuthLayer::new(TicketCookie::new(KeyRing::random())));
/// let embedded: axum::Router = axum::Router::new().fallback_service(app);
/// ```
///
/// # Security
///
/// Routes of the surrounding router (`embedded` above) have no guard and no `AuthLayer`, are not in the access
/// table, and take precedence over the routes of the application. The same holds for a layer that responds by
/// itself.
#[derive(Clone, Debug)]
#[must_use]
pub struct App {
    inner: axum::Router,
    /// The layer, as long as no other is added outside of it: this saves the boxed services that axum's
    /// router creates for each layer and route
    auth: Option<AuthLayer>,
    records: Arc<[RouteMetadata]>,
}

impl App {
    pub(super) fn new(routes: axum::Router, auth: AuthLayer, records: Vec<RouteMetadata>) -> Self {
        // With the state set, axum boxes the handlers now, and not once per request.
        Self { inner: routes.with_state(()), auth: Some(auth), records: records.into() }
    }

    /// Adds a layer around everything, including the [`AuthLayer`].
    ///
    /// Like a layer of axum's router, it runs after routing. To run before routing, a layer must wrap the
    /// `App` as it would any service.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, guarded::{App, Router}};
    /// use axum::{extract::Request, middleware::{Next, from_fn}};
    ///
    /// fn app(routes: Router, auth: AuthLayer) -> App {
    ///     routes.with_auth(auth).layer(from_fn(async |request: Request, next: Next| {
    ///         let path = request.uri().path().to_owned();
    ///         let response = next.run(request).await;
    ///         println!("{path}: {}", response.status());
    ///         response
    ///     }))
    /// }
    /// ```
    pub fn layer<L: RouteLayer>(self, layer: L) -> Self {
        let inner = match self.auth {
            Some(auth) => self.inner.layer(auth),
            None => self.inner,
        };
        Self { inner: inner.layer(layer), auth: None, records: self.records }
    }

    /// Returns the records of the routes, in the order in which they were added.
    #[must_use]
    pub fn routes(&self) -> &[RouteMetadata] {
        &self.records
    }

    /// Computes the access table.
    #[must_use]
    pub fn access(&self) -> AccessTable {
        AccessTable::new(&self.records)
    }

    /// Converts the application into a make-service.
    #[must_use]
    pub fn into_make_service(self) -> IntoMakeService<Self> {
        ServiceExt::<Request>::into_make_service(self)
    }

    /// Converts the application into a make-service that provides information about the connection.
    ///
    /// `ConnectInfo<C>` extracts it. Features that use the client's address need `C = SocketAddr`.
    ///
    /// # Example
    ///
    /// ```
    /// use std::net::SocketAddr;
    ///
    /// use auth_runtime::guarded::App;
    ///
    /// async fn serve(app: App) -> std::io::Result<()> {
    ///     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    ///     axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await
    /// }
    /// ```
    #[must_use]
    pub fn into_make_service_with_connect_info<C>(self) -> IntoMakeServiceWithConnectInfo<Self, C> {
        ServiceExt::<Request>::into_make_service_with_connect_info(self)
    }
}

impl<B> Service<http::Request<B>> for App
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = ResponseFuture<RouteFuture<Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<http::Request<B>>::poll_ready(&mut self.inner, context)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        let begun = self.auth.as_ref().map(|auth| auth.begin(&mut request));
        let _entered = begun.as_ref().map(Begun::entered);
        ResponseFuture::new(self.inner.call(request), begun)
    }
}

/// The trait bound of `axum::serve`.
#[cfg(feature = "serve")]
impl<L: axum::serve::Listener> Service<axum::serve::IncomingStream<'_, L>> for App {
    type Response = Self;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: axum::serve::IncomingStream<'_, L>) -> Self::Future {
        std::future::ready(Ok(self.clone()))
    }
}
