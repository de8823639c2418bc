//! For clients of `reqwest`.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use http::{Extensions, HeaderMap, Method, StatusCode, header};
use reqwest::{Request, Response, Url};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next as Rest};

use super::{
    plan::{Next, Plan, Rules},
    retry::RetryPolicy,
};
use crate::{Authorizer, Error, Origin, clock::Clock};

/// Makes a `reqwest` client that authorizes its requests.
///
/// - Credentials go to the given origins and nowhere else: neither to other addresses that the client is used for, nor
///   across a redirect.
/// - A request that has an `Authorization` header already keeps it, and is given no other; no header of a request is
///   overwritten.
/// - After a 401, new credentials are tried once; what else is sent again says the [`RetryPolicy`].
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
/// Redirects are not followed by `reqwest` itself, which knows nothing of API keys in headers of their own, but, if
/// [asked to](Self::with_redirects), by this client: each step is authorized, or not, by where it goes.
#[derive(Clone, Debug)]
#[must_use]
pub struct AuthorizedClient {
    rules: Rules,
    redirects: usize,
}

impl AuthorizedClient {
    /// Returns the settings of a client that gives the authorizer's credentials to these origins. Share an authorizer between
    /// clients with an `Arc`.
    pub fn new(authorizer: impl Authorizer + 'static, origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { rules: Rules::new(Arc::new(authorizer), origins), redirects: 0 }
    }

    /// Sets what is sent again. The default is [`RetryPolicy::new`].
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.rules.retry = retry;
        self
    }

    /// Follows so many redirects of GET and HEAD requests. The default is none: the program gets the redirect.
    ///
    /// From `https` to `http` none is followed, and a step to another origin carries neither credentials nor the headers
    /// `Authorization`, `Cookie` and `Proxy-Authorization` of the request.
    pub fn with_redirects(mut self, most: usize) -> Self {
        self.redirects = most;
        self
    }

    /// Reads the dates of `Retry-After` by another clock.
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.rules.clock = Arc::new(clock);
        self
    }

    /// Makes the client. The builder's own handling of redirects is turned off, and so are all proxies, those of the environment
    /// included, if the origins are on this machine (127.0.0.0/8, `::1`, `localhost`): a proxy elsewhere would read the
    /// credentials on their way to it.
    ///
    /// # Errors
    ///
    /// Origins on this machine beside others, since the proxies of one client are the same for all its requests: make a client
    /// for each, with the authorizer in an `Arc`. What `reqwest` says about its builder.
    pub fn build(self, mut client: reqwest::ClientBuilder) -> Result<ClientWithMiddleware, Error> {
        let origins = &self.rules.origins;
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

    /// Returns the middleware alone, for a client with others.
    ///
    /// # Security
    ///
    /// The client that it is put into must not follow redirects, or credentials in headers other than `Authorization` go
    /// wherever a redirect leads. For origins on this machine it must have no proxy (`reqwest::ClientBuilder::no_proxy`).
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
        let mut plan = self.0.rules.plan(request.method(), request.headers());
        loop {
            // One without a body can always be repeated, and followed.
            let copy = request.try_clone();
            let response = send(&mut plan, request, extensions, &next).await?;
            match copy.filter(|_| steps > 0).and_then(|copy| follow(copy, &response)) {
                Some(step) => request = step,
                None => return Ok(response),
            }
            steps = steps.saturating_sub(1);
        }
    }
}

async fn send(
    plan: &mut Plan<'_>,
    mut request: Request,
    extensions: &mut Extensions,
    next: &Rest<'_>,
) -> reqwest_middleware::Result<Response> {
    loop {
        let copy = request.try_clone();
        let url = request.url().clone();
        plan.authorize(Some(&url), request.headers_mut())
            .await
            .map_err(reqwest_middleware::Error::middleware)?;
        let answer = next.clone().run(request, extensions).await;
        let then = match &answer {
            Ok(response) => plan.after(response.status(), response.headers(), copy.is_some()).await,
            Err(reqwest_middleware::Error::Reqwest(error)) if !error.is_builder() => {
                plan.after_failure(copy.is_some())
            }
            Err(_) => Next::Answer,
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

/// Returns the next step of a redirect, from a request without credentials of ours.
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
