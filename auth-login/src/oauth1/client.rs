//! Requests tokens from a provider with OAuth 1.0a: [`OAuth1Client`].

use std::{fmt, sync::Arc};

use auth_client::{HttpClient, Transport};
use auth_runtime::clock::{Clock, SystemClock};
use http::{Method, Request, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{
    OAuth1Attempt, OAuth1Credentials, OAuth1Error, OAuth1Parts, OAuth1Token, SignatureMethod,
    authorization_header::{Signing, nonce},
    response,
};
use crate::descriptor::{ResolvedEndpoints, ResolvedProvider};

/// A client that a provider with OAuth 1.0a knows by its consumer key. It holds nothing about users, and can
/// be shared.
#[derive(Clone)]
#[must_use]
pub struct OAuth1Client {
    pub(super) provider: ResolvedProvider,
    endpoints: [Url; 3],
    key: String,
    secret: SecretString,
    method: SignatureMethod,
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
}

impl OAuth1Client {
    /// Returns a client that signs with HMAC-SHA1.
    ///
    /// # Errors
    ///
    /// Fails if the provider has no OAuth 1.0a, or the system's TLS cannot be set up.
    pub fn new(
        provider: ResolvedProvider,
        consumer_key: &str,
        consumer_secret: impl Into<SecretString>,
    ) -> Result<Self, OAuth1Error> {
        Self::with_http_client(provider, consumer_key, consumer_secret, Transport::new()?)
    }

    /// Returns a client that sends its requests in another way.
    ///
    /// # Errors
    ///
    /// Fails if the provider has no OAuth 1.0a.
    pub fn with_http_client(
        provider: ResolvedProvider,
        consumer_key: &str,
        consumer_secret: impl Into<SecretString>,
        http: impl HttpClient + 'static,
    ) -> Result<Self, OAuth1Error> {
        let ResolvedEndpoints::OAuth1 { request, authorization, token } = provider.endpoints().clone() else {
            return Err(OAuth1Error::Configuration(
                "the provider does not use OAuth 1.0a; use `Login` for it",
            ));
        };
        Ok(Self {
            provider,
            endpoints: [request, authorization, token],
            key: consumer_key.to_owned(),
            secret: consumer_secret.into(),
            method: SignatureMethod::default(),
            http: Arc::new(http),
            clock: Arc::new(SystemClock),
        })
    }

    /// Signs in another way. The default is [`SignatureMethod::HmacSha1`].
    pub fn with_signature_method(mut self, method: SignatureMethod) -> Self {
        self.method = method;
        self
    }

    /// Reads the time from `clock`. The default is the [`SystemClock`].
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Requests temporary credentials (section 2.1). `callback` is the one address that the provider knows.
    ///
    /// # Errors
    ///
    /// Fails if the provider cannot be reached, rejects the request, or does not confirm the callback.
    pub async fn begin(&self, callback: &str) -> Result<OAuth1Attempt, OAuth1Error> {
        let [endpoint, authorization, _] = &self.endpoints;
        let body = self.post(endpoint, None, &[("oauth_callback", callback)]).await?;
        let temporary = response::temporary(&body)?;
        let mut url = authorization.clone();
        url.query_pairs_mut()
            .extend_pairs(self.provider.descriptor().authorize_parameters)
            .append_pair("oauth_token", temporary.token().expose_secret());
        Ok(OAuth1Attempt { url, parts: OAuth1Parts(temporary) })
    }

    /// Compares the callback's query with the parts and requests the token (sections 2.2 and 2.3), once.
    ///
    /// # Errors
    ///
    /// Fails if the callback belongs to another attempt or has no verifier, the user denied the
    /// authorization, or the provider cannot be reached or rejects the request.
    pub async fn finish(&self, parts: OAuth1Parts, query: &str) -> Result<OAuth1Token, OAuth1Error> {
        let verifier = response::verifier(query, parts.token())?;
        let [.., endpoint] = &self.endpoints;
        let more = [("oauth_verifier", verifier.expose_secret())];
        response::token(&self.post(endpoint, Some(&parts.0), &more).await?)
    }

    async fn post(
        &self,
        endpoint: &Url,
        token: Option<&OAuth1Token>,
        more: &[(&str, &str)],
    ) -> Result<Vec<u8>, OAuth1Error> {
        let value = self.header(&Method::POST, endpoint, token, more, "")?;
        let request = Request::post(endpoint.as_str()).header(header::AUTHORIZATION, value).body(Vec::new());
        self.send(request.map_err(|_| OAuth1Error::Configuration("an endpoint's address makes no request"))?)
            .await
    }

    pub(super) fn header(
        &self,
        method: &Method,
        url: &Url,
        token: Option<&OAuth1Token>,
        more: &[(&str, &str)],
        form: &str,
    ) -> Result<http::HeaderValue, OAuth1Error> {
        let empty = SecretString::default();
        let secret = token.map_or(&empty, OAuth1Token::secret);
        let mut parameters = more.to_vec();
        parameters.extend(token.map(|token| ("oauth_token", token.token().expose_secret())));
        let signing = Signing {
            method: self.method,
            consumer_key: &self.key,
            credentials: &OAuth1Credentials::new(self.secret.clone(), secret.clone()),
            timestamp: self.clock.now().as_secs(),
            nonce: &nonce()?,
        };
        signing.header(method.as_str(), url, &parameters, form)
    }

    pub(super) async fn send(&self, request: Request<Vec<u8>>) -> Result<Vec<u8>, OAuth1Error> {
        let response = self.http.send(request).await?;
        match response.status() {
            StatusCode::OK => Ok(response.into_body()),
            status => Err(OAuth1Error::Status(status)),
        }
    }
}

impl fmt::Debug for OAuth1Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth1Client")
            .field("provider", &self.provider.descriptor().id)
            .field("key", &self.key)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
