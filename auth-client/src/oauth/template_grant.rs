//! Gets a token by a non-standard request that a template describes: [`TemplateGrant`].

use async_trait::async_trait;

use super::classify_response;
use crate::{Environment, Error, Grant, RequestTemplate, StoreKey, Token};

/// Obtains tokens with a custom request, for services without a standard.
///
/// ```
/// use auth_client::{Environment, Payload, RequestTemplate, TemplateGrant, TokenAuthorizer, TokenWireFormat};
/// use http::Method;
///
/// let request = RequestTemplate::new(Method::POST, "https://api.example.com/session")?
///     .with_payload(Payload::Json)
///     .with_value("user", "robot")
///     .with_secret("password", "…");
/// let environment = Environment::new()?.with_format(TokenWireFormat::default().with_token_key("session_token"));
/// let authorizer = TokenAuthorizer::new(TemplateGrant::new(request, environment));
/// # Ok::<(), auth_client::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TemplateGrant {
    request: RequestTemplate,
    refresh: Option<RequestTemplate>,
    account: String,
    environment: Environment,
}

impl TemplateGrant {
    /// Creates a grant that sends this request for each token.
    pub fn new(request: RequestTemplate, environment: Environment) -> Self {
        Self { request, refresh: None, account: String::new(), environment }
    }

    /// Sets a request for refreshing; the refresh token is added as `refresh_token`.
    pub fn with_refresh(mut self, request: RequestTemplate) -> Self {
        self.refresh = Some(request);
        self
    }

    /// Sets the account, which separates its stored token from those of other accounts.
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    async fn send(&self, request: http::Request<Vec<u8>>) -> Result<Token, Error> {
        let answer = self.environment.http.send(request).await?;
        let now = self.environment.clock.now();
        classify_response::check(&answer, now)?;
        Token::from_json(answer.body(), now, &self.environment.format)
    }
}

#[async_trait]
impl Grant for TemplateGrant {
    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn store_key(&self) -> StoreKey {
        // The template's `Debug` shows method, address and names of values, but no secret.
        StoreKey::of(&["template", &format!("{:?}", self.request), &self.account])
    }

    async fn obtain(&self) -> Result<Token, Error> {
        self.send(self.request.request()?).await
    }

    async fn refresh(&self, token: &Token) -> Result<Option<Token>, Error> {
        let (Some(request), Some(refresh_token)) = (&self.refresh, token.refresh_token()) else {
            return Ok(None);
        };
        self.send(request.builder().with_secret("refresh_token", refresh_token.clone()).request()?)
            .await
            .map(Some)
    }
}
