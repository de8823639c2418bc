//! Gets a token by the device authorization grant, with a browser on another device: [`DeviceCode`] (RFC
//! 8628).

use std::{sync::Arc, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::{OAuthClient, interactive_grant_macro::personal_grant, revoke_undelivered_token::deliver};
use crate::{
    DevicePrompt, Error, ErrorKind, Interaction, Terminal, Token, error::harmless, lenient_json, origin,
    untrusted_json,
};

/// The default polling interval, in seconds (RFC 8628 section 3.2).
const INTERVAL: u64 = 5;
/// The increase of the interval for each `slow_down` (RFC 8628 section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// The maximum interval after network errors, unless the server's own interval is longer.
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// The response of the device authorization endpoint (RFC 8628 section 3.2).
#[derive(Deserialize)]
struct Details {
    device_code: SecretString,
    user_code: String,
    #[serde(default, deserialize_with = "lenient_json::text")]
    verification_uri: Option<String>,
    /// The member's name in drafts of the RFC, which some servers send.
    #[serde(default, deserialize_with = "lenient_json::text")]
    verification_url: Option<String>,
    #[serde(default, deserialize_with = "lenient_json::text")]
    verification_uri_complete: Option<String>,
    #[serde(default, deserialize_with = "lenient_json::seconds")]
    expires_in: Option<u64>,
    #[serde(default, deserialize_with = "lenient_json::seconds")]
    interval: Option<u64>,
}

/// Obtains tokens for a user who logs in on another device with a code (RFC 8628).
///
/// It polls at the server's interval and slows down when the server asks for it.
///
/// ```
/// use auth_client::{DeviceCode, OAuthClient, Provider, TokenAuthorizer};
///
/// let provider = Provider::new("https://login.example.com/token")?
///     .with_device_authorization_url("https://login.example.com/device")?;
/// let authorizer = TokenAuthorizer::new(DeviceCode::new(OAuthClient::new(provider, "tv")?).with_scopes(["films"]));
/// # Ok::<(), auth_client::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct DeviceCode {
    client: OAuthClient,
    scopes: Vec<String>,
    account: String,
    interaction: Arc<dyn Interaction>,
}

impl DeviceCode {
    /// Creates a grant without scopes that shows the code on the terminal.
    pub fn new(client: OAuthClient) -> Self {
        Self { client, scopes: Vec::new(), account: String::new(), interaction: Arc::new(Terminal::new()) }
    }

    /// Sets the requested scopes.
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the account, which separates its stored token from those of other accounts.
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// Sets how the code is shown. The default is [`Terminal`].
    pub fn with_interaction(mut self, interaction: impl Interaction + 'static) -> Self {
        self.interaction = Arc::new(interaction);
        self
    }

    async fn log_in(&self) -> Result<Token, Error> {
        let details = self.start().await?;
        let left = details.expires_in.map(Duration::from_secs);
        let left =
            left.ok_or_else(|| Error::protocol("the provider does not say how long its code lives"))?;
        let end = Instant::now()
            .checked_add(left)
            .ok_or_else(|| Error::protocol("the provider's code lives longer than anybody can wait"))?;
        self.interaction.enter_code(&details.prompt()?, left);
        tokio::time::timeout_at(end, self.poll(&details, end))
            .await
            .unwrap_or_else(|_| Err(Error::timed_out("the code was not entered in time")))
    }

    async fn start(&self) -> Result<Details, Error> {
        let Some(url) = &self.client.provider().device else {
            return Err(Error::configuration("the provider has no device authorization endpoint"));
        };
        let scopes = self.scopes.join(" ");
        let scope = ("scope", scopes.as_str());
        let values = if scopes.is_empty() { &[][..] } else { &[scope] };
        let answer = self.client.exchange(self.client.form(url, values)?).await?;
        untrusted_json::object(answer.body()).map_err(|error| {
            // The message of serde_json may quote the response.
            Error::protocol(format!(
                "the device authorization answer is not what RFC 8628 asks for, at column {}",
                error.column()
            ))
        })
    }

    /// Polls at the server's interval until there is a final response.
    async fn poll(&self, details: &Details, end: Instant) -> Result<Token, Error> {
        let mut interval = Duration::from_secs(details.interval.unwrap_or(INTERVAL).max(1));
        loop {
            let error = match self.ask(details).await {
                Ok(token) => return Ok(token),
                Err(error) => error,
            };
            interval = next_interval(&error, interval).ok_or_else(|| {
                if error.is_denial("expired_token") {
                    return Error::timed_out("the code was not entered in time").with_cause(error.clone());
                }
                error.clone()
            })?;
            let left = end.saturating_duration_since(Instant::now());
            self.interaction.waiting(left);
            // Do not poll again if `Retry-After` is later than the end of the code.
            tokio::time::sleep(interval.max(error.retry_after().unwrap_or_default()).min(left)).await;
        }
    }

    /// Polls once. Each request has a new assertion: the server rejects a used one as a replay, and it
    /// expires after a minute (RFC 7523 section 3).
    async fn ask(&self, details: &Details) -> Result<Token, Error> {
        let (client, code) = (self.client.clone(), details.device_code.clone());
        deliver(&self.client, async move {
            let values = [
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                ("device_code", code.expose_secret()),
            ];
            client.request_token(&values).await
        })
        .await
    }
}

/// Returns the interval after this response (RFC 8628 section 3.5), or `None` if it is final.
fn next_interval(error: &Error, interval: Duration) -> Option<Duration> {
    let is_outage = error.kind() == ErrorKind::Transport;
    if error.is_denial("authorization_pending") {
        return Some(interval);
    }
    // Some servers send `slow_down` with 429.
    let is_limited = error.status() == Some(http::StatusCode::TOO_MANY_REQUESTS);
    if error.has_code("slow_down") || (is_outage && is_limited) {
        return Some(interval.saturating_add(SLOWER));
    }
    match error.status() {
        _ if !is_outage => None,
        Some(_) => Some(interval),
        None => Some(interval.saturating_mul(2).min(LONGEST_BACKOFF).max(interval)),
    }
}

impl Details {
    /// Validates what is shown to the user: the addresses are safe to open and the code has no control
    /// characters.
    fn prompt(&self) -> Result<DevicePrompt, Error> {
        let address = |text: &str| {
            let url = Url::parse(text).ok().filter(origin::is_secure);
            url.ok_or_else(|| Error::protocol("the provider's address for the code is not safe to open"))
        };
        let complete_address = self.verification_uri_complete.as_deref().map(address).transpose()?;
        let plain = self.verification_uri.as_deref().or(self.verification_url.as_deref());
        let plain = plain.ok_or_else(|| Error::protocol("the provider names no address for the code"))?;
        Ok(DevicePrompt { code: harmless(&self.user_code), address: address(plain)?, complete_address })
    }
}

personal_grant!(DeviceCode, "device_code");
