//! Exchanges a token for another one: [`TokenExchange`] (RFC 8693).

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};

use super::OAuthClient;
use crate::{Environment, Error, Grant, StoreKey, Token};

/// Exchanges a token for another one (RFC 8693), so that a service can call the next one for its user.
///
/// ```
/// use auth_client::{OAuthClient, Provider, TokenAuthorizer, TokenExchange};
///
/// # let token_of_the_request = "…";
/// let client = OAuthClient::new(Provider::new("https://login.example.com/token")?, "orders")?.with_secret("…");
/// let grant = TokenExchange::new(client, token_of_the_request).with_audience("https://stock.example.com");
/// let authorizer = TokenAuthorizer::new(grant);
/// # Ok::<(), auth_client::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenExchange {
    client: OAuthClient,
    subject: SecretString,
    subject_type: String,
    actor: Option<(SecretString, String)>,
    audience: Option<String>,
    scopes: Vec<String>,
}

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

impl TokenExchange {
    /// Creates a grant with this subject token; an access token, unless its type is set.
    pub fn new(client: OAuthClient, subject: impl Into<SecretString>) -> Self {
        Self {
            client,
            subject: subject.into(),
            subject_type: ACCESS_TOKEN.to_owned(),
            actor: None,
            audience: None,
            scopes: Vec::new(),
        }
    }

    /// Sets the type of the subject token, such as `urn:ietf:params:oauth:token-type:jwt`.
    pub fn with_subject_type(mut self, kind: impl Into<String>) -> Self {
        self.subject_type = kind.into();
        self
    }

    /// Adds an actor token and its type (delegation, RFC 8693 section 1.1).
    pub fn with_actor(mut self, token: impl Into<SecretString>, kind: impl Into<String>) -> Self {
        self.actor = Some((token.into(), kind.into()));
        self
    }

    /// Sets the audience: the service that the token is for.
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Sets the requested scopes.
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }
}

#[async_trait]
impl Grant for TokenExchange {
    fn environment(&self) -> &Environment {
        self.client.environment()
    }

    fn store_key(&self) -> StoreKey {
        // A digest of the subject token: another subject is another account.
        let subject = StoreKey::of(&[self.subject.expose_secret()]);
        let account = format!("{} {}", subject.as_str(), self.audience.as_deref().unwrap_or_default());
        self.client.store_key("token-exchange", &self.scopes, &account)
    }

    fn scopes(&self) -> &[String] {
        &self.scopes
    }

    async fn obtain(&self) -> Result<Token, Error> {
        let scopes = self.scopes.join(" ");
        let mut values = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", self.subject.expose_secret()),
            ("subject_token_type", &self.subject_type),
        ];
        if let Some((token, kind)) = &self.actor {
            values.extend([("actor_token", token.expose_secret()), ("actor_token_type", kind.as_str())]);
        }
        if let Some(audience) = &self.audience {
            values.push(("audience", audience));
        }
        if !scopes.is_empty() {
            values.push(("scope", &scopes));
        }
        self.client.request_token(&values).await.map_err(|error| self.client.error(error))
    }

    async fn refresh(&self, token: &Token) -> Result<Option<Token>, Error> {
        self.client.renew(token).await
    }

    async fn revoke(&self, token: &Token) -> Result<bool, Error> {
        self.client.revoke(token).await
    }
}
