//! Authorizes the requests of a tower service: the middleware [`AuthorizationLayer`].

use std::{
    error::Error as StdError,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;
use url::Url;

use super::{
    request_attempts::{ClientSettings, Next},
    retry_policy::RetryPolicy,
};
use crate::{Authorizer, Origin, clock::Clock};

type BoxError = Box<dyn StdError + Send + Sync>;

/// Authorizes the requests of a client service, as `AuthorizedClient` does for `reqwest`.
///
/// Bodies must be `Clone`, as `Full<Bytes>` and `String` are, because a retry sends them again. Requests need
/// an absolute address; one without gets no credentials.
///
/// ```
/// use auth_client::{ApiKeyAuthorizer, AuthorizationLayer, Origin};
/// use http::{Request, Response};
/// use tower::{Service, ServiceBuilder, ServiceExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let key = ApiKeyAuthorizer::new("x-api-key", "s3cr3t")?;
/// let client = ServiceBuilder::new()
///     .layer(AuthorizationLayer::new(key, [Origin::parse("https://api.example.com")?]))
///     .service_fn(|request: Request<String>| async move {
///         assert_eq!(request.headers()["x-api-key"], "s3cr3t");
///         Ok::<_, std::convert::Infallible>(Response::new(()))
///     });
/// client.oneshot(Request::get("https://api.example.com/items").body(String::new())?).await?;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// The inner service must not follow redirects. Put redirect handling outside of this layer, so that it
/// checks every step.
#[derive(Clone, Debug)]
#[must_use]
pub struct AuthorizationLayer {
    settings: Arc<ClientSettings>,
}

impl AuthorizationLayer {
    /// Creates a layer that sends the authorizer's credentials to these origins.
    pub fn new(authorizer: impl Authorizer + 'static, origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { settings: Arc::new(ClientSettings::new(Arc::new(authorizer), origins)) }
    }

    /// Sets the retry policy. The default is [`RetryPolicy::new`].
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        Arc::make_mut(&mut self.settings).retry = retry;
        self
    }

    /// Sets the clock for dates in `Retry-After`.
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        Arc::make_mut(&mut self.settings).clock = Arc::new(clock);
        self
    }
}

impl<S> Layer<S> for AuthorizationLayer {
    type Service = Authorization<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authorization { inner, settings: Arc::clone(&self.settings) }
    }
}

/// The service of an [`AuthorizationLayer`].
#[derive(Clone, Debug)]
pub struct Authorization<S> {
    inner: S,
    settings: Arc<ClientSettings>,
}

impl<S, B, R> Service<Request<B>> for Authorization<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send,
    B: Clone + Send + Sync + 'static,
    R: Send,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // Use the service that was polled ready; a fresh clone may not be ready (see the documentation of
        // tower).
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let settings = Arc::clone(&self.settings);
        Box::pin(async move {
            let url = Url::parse(&request.uri().to_string()).ok();
            let mut attempts = settings.attempts(request.method(), request.headers());
            let mut is_ready = true;
            loop {
                let mut attempt = request.clone();
                attempts.authorize(url.as_ref(), attempt.headers_mut()).await?;
                if !is_ready {
                    poll_fn(|context| inner.poll_ready(context)).await.map_err(Into::into)?;
                }
                is_ready = false;
                let answer = inner.call(attempt).await;
                let then = match &answer {
                    Ok(response) => attempts.after(response.status(), response.headers(), true).await,
                    Err(_) => attempts.after_failure(true),
                };
                match then {
                    Next::Again(wait) => tokio::time::sleep(wait).await,
                    Next::Return => return answer.map_err(Into::into),
                }
            }
        })
    }
}
