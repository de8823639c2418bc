//! Defines [`OAuthClient`], a registered client and the requests that it can send.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use super::{ClientAuthentication, Provider, classify_response};
use crate::{Environment, Error, StoreKey, Token, untrusted_json};

/// The parameter of an authorization request with the thumbprint of a key (RFC 9449, section 10).
pub(super) const DPOP_JKT: &str = "dpop_jkt";

/// The response to a pushed authorization request (RFC 9126 section 2.2).
#[derive(serde::Deserialize)]
struct Pushed {
    request_uri: String,
}

/// A client that is registered with an authorization server: its id, its authentication, and the server.
///
/// ```
/// use auth_client::{OAuthClient, Provider};
///
/// let provider = Provider::new("https://login.example.com/token")?;
/// let client = OAuthClient::new(provider, "billing")?.with_secret("…");
/// assert!(!format!("{client:?}").contains("…"));
/// # Ok::<(), auth_client::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct OAuthClient {
    provider: Arc<Provider>,
    id: Arc<str>,
    authentication: ClientAuthentication,
    /// The names of the parameters with the client's id and its secret
    parameter_names: (Arc<str>, Arc<str>),
    headers: HeaderMap,
    /// Token requests are GETs with all parameters in the query.
    queries: bool,
    environment: Environment,
}

impl OAuthClient {
    /// Creates a public client, which has no secret.
    ///
    /// # Errors
    ///
    /// Fails as [`Environment::new`] does.
    pub fn new(provider: Provider, id: &str) -> Result<Self, Error> {
        Ok(Self::in_environment(provider, id, Environment::new()?))
    }

    /// Creates a public client with this HTTP client, clock and token format.
    pub fn in_environment(provider: Provider, id: &str, environment: Environment) -> Self {
        Self {
            provider: Arc::new(provider),
            id: id.into(),
            authentication: ClientAuthentication::None,
            parameter_names: ("client_id".into(), "client_secret".into()),
            headers: HeaderMap::new(),
            queries: false,
            environment,
        }
    }

    /// Sets the client's secret, sent as [`ClientAuthentication::Basic`].
    pub fn with_secret(self, secret: impl Into<SecretString>) -> Self {
        self.with_authentication(ClientAuthentication::Basic(secret.into()))
    }

    /// Sets how the client authenticates. The default is [`ClientAuthentication::None`].
    pub fn with_authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.authentication = authentication;
        self
    }

    /// Names the parameters with the client's id and its secret, for providers that call them otherwise. The
    /// default is `client_id` and `client_secret` (RFC 6749 section 2.3.1).
    pub fn with_parameter_names(mut self, id: &str, secret: &str) -> Self {
        self.parameter_names = (id.into(), secret.into());
        self
    }

    /// Adds a header to requests to the server's endpoints.
    ///
    /// # Errors
    ///
    /// Fails for `Authorization`, `Content-Type` and `Accept`, which the protocol sets.
    pub fn with_endpoint_header(mut self, name: HeaderName, value: HeaderValue) -> Result<Self, Error> {
        if [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT].contains(&name) {
            return Err(Error::configuration(format!("the header `{name}` is set by the protocol")));
        }
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Sends token requests as GET, with the code and all other parameters in the query, for the few providers
    /// that offer nothing else. RFC 6749 section 3.2 demands POST, which is the default. Other requests stay
    /// as they are.
    ///
    /// # Security
    ///
    /// With [`ClientAuthentication::Post`], the address of the request holds the client's secret. Addresses
    /// are in no error and no log of this crate; an [`HttpClient`](crate::HttpClient) of the application's own
    /// and a proxy that ends TLS must not log them either.
    pub fn insecure_query_token_requests(mut self) -> Self {
        self.queries = true;
        self
    }

    /// Demands access tokens that are bound to this key (`DPoP`, RFC 9449): each token request has a proof, and a token
    /// that is not bound is an error. By default tokens are not bound.
    ///
    /// Authorization requests, pushed ones included, have the thumbprint of the key in `dpop_jkt` (section 10): a stolen code
    /// is worth nothing without the key. So the code has to be redeemed with the key that the log-in began with, on every
    /// instance of a web application.
    ///
    /// A server that demands a nonce in the proof is asked once more. A refresh token of a client without a secret is
    /// bound to the key as well: keep both ([`DpopKey::in_store`](crate::DpopKey::in_store)).
    #[cfg(feature = "dpop")]
    pub fn with_dpop(mut self, key: crate::DpopKey) -> Self {
        self.environment.format = self.environment.format.bound_to(key);
        self
    }

    /// Returns the thumbprint of the key that codes and tokens are bound to, if they are.
    pub(super) fn dpop_thumbprint(&self) -> Option<String> {
        self.environment.format.bound().map(crate::dpop::DpopKey::thumbprint)
    }

    /// Sets the service name in messages. The default is `unknown service`.
    pub fn with_service_name(mut self, name: &str) -> Self {
        self.environment = self.environment.with_service_name(name);
        self
    }

    /// Returns the client's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the provider.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Returns the HTTP client, clock and token format.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    pub(super) fn authentication(&self) -> &ClientAuthentication {
        &self.authentication
    }

    pub(super) fn parameter_names(&self) -> (&str, &str) {
        (&self.parameter_names.0, &self.parameter_names.1)
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(super) fn queries(&self) -> bool {
        self.queries
    }

    /// Returns the store key for tokens of this client, grant, scopes and account.
    pub(super) fn store_key(&self, grant: &str, scopes: &[String], account: &str) -> StoreKey {
        let mut scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        scopes.sort_unstable();
        scopes.dedup();
        StoreKey::of(&[self.provider.name(), &self.id, grant, &scopes.join(" "), account])
    }

    /// Returns the parameters of a new client assertion.
    #[cfg_attr(not(feature = "jwt"), expect(clippy::unnecessary_wraps, reason = "signing can fail"))]
    pub(super) fn assertion(&self) -> Result<Vec<(&'static str, String)>, Error> {
        match &self.authentication {
            #[cfg(feature = "jwt")]
            ClientAuthentication::PrivateKeyJwt(key) => {
                let now = self.environment.clock.now();
                Ok(vec![
                    (
                        "client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
                    ),
                    ("client_assertion", key.assertion(&self.id, &self.provider.token_text, now)?),
                ])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Requests a token with a refresh token (RFC 6749 section 6). If the response has a new refresh token
    /// (rotation), the old one is no longer valid, and using it again may revoke the whole family.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Denied`](crate::ErrorKind): the server denied the request; `invalid_grant` means that
    ///   the user must log in again.
    /// - [`ErrorKind::Transport`](crate::ErrorKind): the server cannot be reached or responds with 408, 425,
    ///   429 or 5xx; the refresh token may still be valid. [`Error::retry_after`] says when to retry.
    /// - [`ErrorKind::Protocol`](crate::ErrorKind): any other response. With a [status](Error::status) of 4xx
    ///   the refresh token is no longer valid: some servers deny without the `error` of RFC 6749.
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<Token, Error> {
        let values = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose_secret())];
        let url = self.provider.refresh.as_ref().unwrap_or_else(|| self.provider.token_url());
        self.request_token_at(url, &values).await.map_err(|error| self.error(error))
    }

    /// Pushes an authorization request to the provider (RFC 9126 section 2), with the client's id and
    /// authentication, and returns the `request_uri` that stands for it at the authorization endpoint.
    ///
    /// # Errors
    ///
    /// As [`redeem_code`](Self::redeem_code); also fails if the provider has no endpoint for it.
    pub async fn push_authorization(&self, parameters: &[(&str, &str)]) -> Result<String, Error> {
        self.pushed(parameters).await.map_err(|error| self.error(error))
    }

    async fn pushed(&self, parameters: &[(&str, &str)]) -> Result<String, Error> {
        let url = self.provider.pushed_authorization.as_ref().ok_or_else(|| {
            Error::configuration("the provider has no endpoint for pushed authorization requests")
        })?;
        let mut parameters = parameters.to_vec();
        if matches!(self.authentication, ClientAuthentication::Basic(_)) {
            // RFC 9126 section 2.1: the authorization request names the client, also beside its authentication.
            parameters.insert(0, (self.parameter_names().0, &self.id));
        }
        let thumbprint = self.dpop_thumbprint();
        if !parameters.iter().any(|(name, _)| *name == DPOP_JKT) {
            parameters.extend(thumbprint.as_deref().map(|thumbprint| (DPOP_JKT, thumbprint)));
        }
        let answer = self.send(self.form(url, &parameters)?).await?;
        classify_response::check_any_success(&answer, self.environment.clock.now())?;
        let pushed: Pushed = untrusted_json::object(answer.body())
            .map_err(|_| Error::protocol("the response to the pushed request has no text `request_uri`"))?;
        if pushed.request_uri.is_empty() {
            return Err(Error::protocol("the response to the pushed request has an empty `request_uri`"));
        }
        Ok(pushed.request_uri)
    }

    /// Redeems an authorization code (RFC 6749 section 4.1.3), for programs that judge the callback
    /// themselves;
    /// [`LoginAttempt`](super::LoginAttempt) does both. The request is sent once: a code serves once.
    ///
    /// `redirect_uri` must be the text that the authorization request had, byte by byte. `more` are further
    /// parameters that the provider wants.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Denied`](crate::ErrorKind): the provider rejects the code, or the client.
    /// - [`ErrorKind::Transport`](crate::ErrorKind): the provider cannot be reached, or answers 408, 425, 429
    ///   or 5xx.
    /// - [`ErrorKind::Protocol`](crate::ErrorKind): any other response.
    ///
    /// # Security
    ///
    /// Neither `state` nor `iss` nor the `id_token` is checked here.
    pub async fn redeem_code(
        &self,
        code: &SecretString,
        redirect_uri: &str,
        verifier: Option<&SecretString>,
        more: &[(&str, &str)],
    ) -> Result<Token, Error> {
        let mut values = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", redirect_uri),
        ];
        values.extend(verifier.map(|verifier| ("code_verifier", verifier.expose_secret())));
        values.extend_from_slice(more);
        self.request_token(&values).await.map_err(|error| self.error(error))
    }

    /// Returns the next token, or `None` if this one has no refresh token.
    pub(super) async fn renew(&self, token: &Token) -> Result<Option<Token>, Error> {
        match token.refresh_token() {
            Some(refresh_token) => self.refresh(refresh_token).await.map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn error(&self, error: Error) -> Error {
        error.of(&self.environment.service)
    }
}
