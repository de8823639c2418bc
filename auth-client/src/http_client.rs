//! Sends requests to authorization servers: the trait [`HttpClient`] and its default, [`Transport`].

use std::{fmt, time::Duration};

use async_trait::async_trait;
use http::{Request, Response};
use url::Url;

use crate::{Error, origin};

/// The maximum length of a response, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Sends one request to an authorization server and returns the response, regardless of its status.
///
/// It must not follow redirects: a redirected token request would send the client's secret to another server.
/// A closure that returns a future implements this trait, so a test needs no server:
///
/// ```
/// use auth_client::HttpClient;
///
/// fn takes(client: impl HttpClient) {}
/// takes(|request: http::Request<Vec<u8>>| async move { Ok(http::Response::new(request.into_body())) });
/// ```
#[async_trait]
pub trait HttpClient: Send + Sync {
    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Fails if there is no response, or if it is too long.
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error>;
}

#[async_trait]
impl<F, A> HttpClient for F
where
    F: Fn(Request<Vec<u8>>) -> A + Send + Sync,
    A: Future<Output = Result<Response<Vec<u8>>, Error>> + Send,
{
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        self(request).await
    }
}

/// The default [`HttpClient`], over `reqwest`.
///
/// It sends to `https` only, and to `http` on loopback addresses. It always verifies certificates, and it
/// does not follow redirects. A response must arrive within 30 seconds and have at most 64 KiB.
///
/// It uses the proxies of the environment (`HTTPS_PROXY` and similar), unless the builder sets others. It
/// uses no proxy for loopback addresses and `localhost`, because a remote proxy would see the client's
/// secret.
#[derive(Clone)]
pub struct Transport {
    client: reqwest::Client,
    /// The client for loopback addresses, without a proxy.
    direct: reqwest::Client,
    /// In bytes
    max_response: usize,
}

impl Transport {
    /// Creates a transport with the limits above.
    ///
    /// # Errors
    ///
    /// Fails if TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Returns a builder for other timeouts, root certificates or proxies.
    pub fn builder() -> TransportBuilder {
        TransportBuilder {
            timeout: Duration::from_secs(30),
            max_response: LONGEST_ANSWER,
            roots: Vec::new(),
            proxies: Vec::new(),
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Transport {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        let (parts, body) = request.into_parts();
        let url: Url =
            parts.uri.to_string().parse().map_err(|error| {
                Error::configuration("the address of a provider is none").with_source(error)
            })?;
        origin::check_secure(&url)?;
        let client = if origin::is_loopback(&url) { &self.direct } else { &self.client };
        let mut answer = client
            .request(parts.method, url)
            .headers(parts.headers)
            .body(body)
            .send()
            .await
            .map_err(|error| unreachable_provider(error, "the provider cannot be reached"))?;
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| unreachable_provider(error, "the provider's answer broke off"))?
        {
            if body.len().saturating_add(chunk.len()) > self.max_response {
                return Err(Error::protocol(format!(
                    "the provider's answer is longer than {} bytes",
                    self.max_response
                )));
            }
            body.extend_from_slice(&chunk);
        }
        response
            .body(body)
            .map_err(|error| Error::protocol("the provider's answer is none").with_source(error))
    }
}

fn unreachable_provider(error: reqwest::Error, message: &'static str) -> Error {
    // Remove the address: its query may contain secrets.
    Error::transport(message).with_source(error.without_url())
}

/// Builds a [`Transport`].
#[derive(Debug)]
#[must_use]
pub struct TransportBuilder {
    timeout: Duration,
    max_response: usize,
    roots: Vec<reqwest::Certificate>,
    proxies: Vec<reqwest::Proxy>,
}

impl TransportBuilder {
    /// Sets the timeout of one request, from the connection to the last byte. The default is 30 seconds.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximum length of a response, in bytes. The default is 64 KiB, enough for the endpoints of a
    /// provider.
    pub fn with_max_response(mut self, bytes: usize) -> Self {
        self.max_response = bytes;
        self
    }

    /// Trusts one more root certificate, in PEM, such as a company's own.
    ///
    /// # Errors
    ///
    /// Fails if the PEM does not contain a certificate.
    pub fn with_root_certificate(mut self, pem: &[u8]) -> Result<Self, Error> {
        let roots = reqwest::Certificate::from_pem_bundle(pem).map_err(|error| {
            Error::configuration("the root certificate cannot be read").with_source(error)
        })?;
        if roots.is_empty() {
            return Err(Error::configuration("the PEM does not contain a root certificate"));
        }
        self.roots.extend(roots);
        Ok(self)
    }

    /// Sets a proxy for all but loopback addresses and `localhost`.
    pub fn with_proxy(mut self, proxy: reqwest::Proxy) -> Self {
        self.proxies.push(proxy);
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    ///
    /// Fails if TLS cannot be set up.
    pub fn build(self) -> Result<Transport, Error> {
        let mut client = self.settings();
        for proxy in &self.proxies {
            client = client.proxy(proxy.clone());
        }
        let build = |builder: reqwest::ClientBuilder| {
            builder
                .build()
                .map_err(|error| Error::configuration("the HTTP client cannot be set up").with_source(error))
        };
        Ok(Transport {
            client: build(client)?,
            direct: build(self.settings().no_proxy())?,
            max_response: self.max_response,
        })
    }

    fn settings(&self) -> reqwest::ClientBuilder {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(self.timeout.min(Duration::from_secs(10)))
            .timeout(self.timeout)
            .user_agent(concat!("auth-client/", env!("CARGO_PKG_VERSION")));
        if self.roots.is_empty() { builder } else { builder.tls_certs_merge(self.roots.clone()) }
    }
}
