//! Authorizes the requests of a `reqwest` client: the middleware [`AuthorizedClient`].

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use http::{Extensions, HeaderMap, Method, StatusCode, header};
use reqwest::{Request, Response, Url};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next as Rest};

use super::{
    request_attempts::{ClientSettings, Next, RequestAttempts},
    retry_policy::RetryPolicy,
};
use crate::{Authorizer, Error, Origin, clock::Clock};

/// Builds a `reqwest` client that authorizes its requests.
///
/// - Credentials are sent to the given origins only: not to other addresses, and not across a redirect.
/// - A request that has an `Authorization` header keeps it and gets no other; no header is overwritten.
/// - After a 401, the request is sent once more with new credentials; [`RetryPolicy`] controls other retries.
///
/// ```
/// use auth_client::{AuthorizedClient, BearerAuthorizer, Origin};
///
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let authorizer = BearerAuthorizer::new("…")?;
/// let client = AuthorizedClient::new(authorizer, [Origin::parse("https://api.example.com")?])
///     .build(reqwest::Client::builder())?;
/// let answer = client.get("https://api.example.com/items").send().await?;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// `reqwest` itself does not follow redirects, because it would forward API keys in custom headers. If
/// [enabled](Self::with_redirects), this client follows them and decides at each step whether to authorize.
#[derive(Clone, Debug)]
#[must_use]
pub struct AuthorizedClient {
    settings: ClientSettings,
    redirects: usize,
}

impl AuthorizedClient {
    /// Returns a builder for a client that sends the authorizer's credentials to these origins. Use an `Arc`
    /// to share an authorizer between clients.
    pub fn new(authorizer: impl Authorizer + 'static, origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { settings: ClientSettings::new(Arc::new(authorizer), origins), redirects: 0 }
    }

    /// Sets the retry policy. The default is [`RetryPolicy::new`].
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.settings.retry = retry;
        self
    }

    /// Follows up to this many redirects of GET and HEAD requests. The default is 0: the caller gets the
    /// redirect.
    ///
    /// It never follows from `https` to `http`. A step to another origin carries neither credentials nor the
    /// headers `Authorization`, `Cookie` and `Proxy-Authorization`.
    pub fn with_redirects(mut self, most: usize) -> Self {
        self.redirects = most;
        self
    }

    /// Sets the clock for dates in `Retry-After`.
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.settings.clock = Arc::new(clock);
        self
    }

    /// Builds the client. It disables the redirect handling of the builder. If the origins are on this host
    /// (127.0.0.0/8, `::1`, `localhost`), it also disables all proxies, including those of the environment: a
    /// proxy would see the credentials.
    ///
    /// # Errors
    ///
    /// Fails if origins on this host are mixed with others, because all requests of one client use the same
    /// proxies: build a client for each, with the authorizer in an `Arc`. Also fails if `reqwest` rejects the
    /// settings.
    pub fn build(self, mut client: reqwest::ClientBuilder) -> Result<ClientWithMiddleware, Error> {
        let origins = &self.settings.origins;
        if origins.iter().any(Origin::is_loopback) {
            if !origins.iter().all(Origin::is_loopback) {
                return Err(Error::configuration(
                    "origins on this machine and elsewhere cannot share a client, since loopback is never proxied; \
                     make two clients, with the authorizer in an `Arc`",
                ));
            }
            client = client.no_proxy();
        }
        let client = client
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Error::configuration("the HTTP client cannot be set up").with_source(error))?;
        Ok(ClientBuilder::new(client).with(self.into_insecure_middleware()).build())
    }

    /// Returns the middleware, to combine it with others.
    ///
    /// # Security
    ///
    /// The client must not follow redirects: otherwise credentials in headers other than `Authorization` are
    /// sent to the target. For origins on this host it must not have a proxy
    /// (`reqwest::ClientBuilder::no_proxy`).
    #[must_use]
    pub fn into_insecure_middleware(self) -> impl Middleware + fmt::Debug {
        Authorize(self)
    }
}

#[derive(Debug)]
struct Authorize(AuthorizedClient);

#[async_trait]
impl Middleware for Authorize {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Rest<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let mut steps = self.0.redirects;
        let mut attempts = self.0.settings.attempts(request.method(), request.headers());
        loop {
            // A request without a body can always be repeated and redirected.
            let copy = request.try_clone();
            let response = send(&mut attempts, request, extensions, &next).await?;
            match copy.filter(|_| steps > 0).and_then(|copy| follow(copy, &response)) {
                Some(step) => request = step,
                None => return Ok(response),
            }
            steps = steps.saturating_sub(1);
        }
    }
}

async fn send(
    attempts: &mut RequestAttempts<'_>,
    mut request: Request,
    extensions: &mut Extensions,
    next: &Rest<'_>,
) -> reqwest_middleware::Result<Response> {
    loop {
        let copy = request.try_clone();
        let url = request.url().clone();
        attempts
            .authorize(Some(&url), request.headers_mut())
            .await
            .map_err(reqwest_middleware::Error::middleware)?;
        let answer = next.clone().run(request, extensions).await;
        let then = match &answer {
            Ok(response) => attempts.after(response.status(), response.headers(), copy.is_some()).await,
            Err(reqwest_middleware::Error::Reqwest(error)) if !error.is_builder() => {
                attempts.after_failure(copy.is_some())
            }
            Err(_) => Next::Return,
        };
        match (then, copy) {
            (Next::Again(wait), Some(copy)) => {
                tokio::time::sleep(wait).await;
                request = copy;
            }
            _ => return answer,
        }
    }
}

/// Returns the next step of a redirect, from the request without our credentials.
fn follow(mut request: Request, response: &Response) -> Option<Request> {
    let is_redirect = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    if !is_redirect || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let target = request.url().join(location).ok()?;
    let is_downgrade = request.url().scheme() == "https" && target.scheme() != "https";
    if is_downgrade || !matches!(target.scheme(), "http" | "https") {
        return None;
    }
    if !is_same_origin(request.url(), &target) {
        strip(request.headers_mut());
    }
    *request.url_mut() = target;
    Some(request)
}

fn is_same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

fn strip(headers: &mut HeaderMap) {
    for name in [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION] {
        headers.remove(name);
    }
}
