//! Gets a token by the client credentials grant: [`ClientCredentials`] (RFC 6749 section 4.4).

use async_trait::async_trait;

use super::OAuthClient;
use crate::{Environment, Error, Grant, StoreKey, Token};

/// Obtains tokens for the program itself with the client credentials grant (RFC 6749 section 4.4).
///
/// ```
/// use auth_client::{ClientCredentials, OAuthClient, Provider, TokenAuthorizer};
///
/// let client = OAuthClient::new(Provider::new("https://login.example.com/token")?, "billing")?.with_secret("…");
/// let authorizer = TokenAuthorizer::new(ClientCredentials::new(client).with_scopes(["invoices:read"]));
/// # Ok::<(), auth_client::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientCredentials {
    client: OAuthClient,
    scopes: Vec<String>,
    params: Vec<(String, String)>,
}

impl ClientCredentials {
    /// Creates a grant without scopes.
    pub fn new(client: OAuthClient) -> Self {
        Self { client, scopes: Vec::new(), params: Vec::new() }
    }

    /// Sets the requested scopes.
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a parameter to token requests, such as `audience` or `resource` (RFC 8707). It must not be a
    /// secret: it is part of the store key and shown by `Debug`.
    pub fn with_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }
}

#[async_trait]
impl Grant for ClientCredentials {
    fn environment(&self) -> &Environment {
        self.client.environment()
    }

    fn store_key(&self) -> StoreKey {
        let params: Vec<String> =
            self.params.iter().map(|(name, value)| format!("{}={value}", name.len())).collect();
        self.client.store_key("client_credentials", &self.scopes, &params.join("\0"))
    }

    fn scopes(&self) -> &[String] {
        &self.scopes
    }

    async fn obtain(&self) -> Result<Token, Error> {
        let scopes = self.scopes.join(" ");
        let mut values = vec![("grant_type", "client_credentials")];
        if !scopes.is_empty() {
            values.push(("scope", &scopes));
        }
        values.extend(self.params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        self.client.request_token(&values).await.map_err(|error| self.client.error(error))
    }

    /// RFC 6749 section 4.4.3: there should be no refresh token; request a new token instead.
    async fn refresh(&self, _token: &Token) -> Result<Option<Token>, Error> {
        Ok(None)
    }

    async fn revoke(&self, token: &Token) -> Result<bool, Error> {
        self.client.revoke(token).await
    }
}
