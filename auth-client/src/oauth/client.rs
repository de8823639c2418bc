//! A client as a provider knows it, and each request that it can make.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use super::{ClientAuthentication, Provider};
use crate::{Environment, Error, StoreKey, Token};

/// A client as a provider knows it: its id, how it authenticates, and where the provider is.
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
    headers: HeaderMap,
    environment: Environment,
}

impl OAuthClient {
    /// Returns a public client: it has no secret.
    ///
    /// # Errors
    ///
    /// As [`Environment::new`].
    pub fn new(provider: Provider, id: &str) -> Result<Self, Error> {
        Ok(Self::in_environment(provider, id, Environment::new()?))
    }

    /// Returns a public client that sends, and tells the time, as the environment says.
    pub fn in_environment(provider: Provider, id: &str, environment: Environment) -> Self {
        Self {
            provider: Arc::new(provider),
            id: id.into(),
            authentication: ClientAuthentication::None,
            headers: HeaderMap::new(),
            environment,
        }
    }

    /// Sets the client's secret, sent as [`ClientAuthentication::Basic`].
    pub fn with_secret(self, secret: impl Into<SecretString>) -> Self {
        self.with_authentication(ClientAuthentication::Basic(secret.into()))
    }

    /// Says how the client shows who it is. The default is [`ClientAuthentication::None`].
    pub fn with_authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.authentication = authentication;
        self
    }

    /// Adds a header to requests to the provider's endpoints.
    ///
    /// # Errors
    ///
    /// `Authorization`, `Content-Type` and `Accept`, which the protocol sets.
    pub fn with_endpoint_header(mut self, name: HeaderName, value: HeaderValue) -> Result<Self, Error> {
        if [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT].contains(&name) {
            return Err(Error::configuration(format!("the header `{name}` is set by the protocol")));
        }
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Names the service in messages. The default is `unknown service`.
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

    /// Returns how the client sends, tells the time and reads tokens.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    pub(super) fn authentication(&self) -> &ClientAuthentication {
        &self.authentication
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The key of tokens of this client, for a way to get them and what they are for.
    pub(super) fn store_key(&self, grant: &str, scopes: &[String], account: &str) -> StoreKey {
        let mut scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        scopes.sort_unstable();
        scopes.dedup();
        StoreKey::of(&[self.provider.name(), &self.id, grant, &scopes.join(" "), account])
    }

    /// Returns the parameters that show who the client is, with a new signature each time.
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

    /// Gets the next token by a refresh token (RFC 6749 section 6). The answer may hold a new refresh token; the old one is
    /// then worth nothing, and using it again may end the whole family.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Denied`](crate::ErrorKind): the provider refuses; `invalid_grant` means that the user must log in
    ///   again.
    /// - [`ErrorKind::Transport`](crate::ErrorKind): the provider cannot be reached, answers 408, 425, 429 or 5xx; the refresh
    ///   token may still be good. [`Error::retry_after`] says when to try again.
    /// - [`ErrorKind::Protocol`](crate::ErrorKind): any other answer. With a [status](Error::status) of 4xx, the refresh token
    ///   is to be given up all the same: some providers refuse without the `error` of RFC 6749.
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<Token, Error> {
        let values = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose_secret())];
        self.request_token(&values).await.map_err(|error| self.error(error))
    }

    /// The next token after this one; none if it came without a refresh token.
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
