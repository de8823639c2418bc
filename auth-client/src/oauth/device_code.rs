//! Programs without a browser, for a person who has one elsewhere (RFC 8628).

use std::{sync::Arc, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::{
    OAuthClient,
    personal::{deliver, personal_grant},
};
use crate::{
    DevicePrompt, Error, ErrorKind, Interaction, Terminal, Token, error::harmless, json, lenient, origin,
};

/// How often is asked if the provider does not say (RFC 8628 section 3.2).
const INTERVAL: u64 = 5;
/// How much slower is asked after each `slow_down` (RFC 8628 section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// How slowly is asked at most after failures of the network, unless the provider's own interval is longer.
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// The answer of a device authorization endpoint (RFC 8628 section 3.2).
#[derive(Deserialize)]
struct Details {
    device_code: SecretString,
    user_code: String,
    #[serde(default, deserialize_with = "lenient::text")]
    verification_uri: Option<String>,
    /// The name in drafts of the RFC; some providers send it instead or as well.
    #[serde(default, deserialize_with = "lenient::text")]
    verification_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    verification_uri_complete: Option<String>,
    #[serde(default, deserialize_with = "lenient::seconds")]
    expires_in: Option<u64>,
    #[serde(default, deserialize_with = "lenient::seconds")]
    interval: Option<u64>,
}

/// Gets tokens for a person who logs in on another device, with a code (RFC 8628).
///
/// The waiting keeps to the provider's interval, and is slowed down when the provider asks for it.
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
    /// Returns a grant that asks for no scopes, and shows the code on the terminal.
    pub fn new(client: OAuthClient) -> Self {
        Self { client, scopes: Vec::new(), account: String::new(), interaction: Arc::new(Terminal::new()) }
    }

    /// Sets the scopes that are asked for.
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Names the account, so that a store tells its token from those of others.
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// Shows the code in another way than on the [`Terminal`].
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
            .unwrap_or_else(|_| Err(Error::timed_out("nobody entered the code in time")))
    }

    async fn start(&self) -> Result<Details, Error> {
        let Some(url) = &self.client.provider().device else {
            return Err(Error::configuration("the provider has no device authorization endpoint"));
        };
        let scopes = self.scopes.join(" ");
        let scope = ("scope", scopes.as_str());
        let values = if scopes.is_empty() { &[][..] } else { &[scope] };
        let answer = self.client.exchange(self.client.form(url, values)?).await?;
        json::object(answer.body()).map_err(|error| {
            // serde_json's own text may quote the answer.
            Error::protocol(format!(
                "the device authorization answer is not what RFC 8628 asks for, at column {}",
                error.column()
            ))
        })
    }

    /// Asks until there is an answer, at the provider's pace.
    async fn poll(&self, details: &Details, end: Instant) -> Result<Token, Error> {
        let mut interval = Duration::from_secs(details.interval.unwrap_or(INTERVAL).max(1));
        loop {
            let error = match self.ask(details).await {
                Ok(token) => return Ok(token),
                Err(error) => error,
            };
            interval = next_interval(&error, interval).ok_or_else(|| {
                if error.is_denial("expired_token") {
                    return Error::timed_out("nobody entered the code in time").with_cause(error.clone());
                }
                error.clone()
            })?;
            let left = end.saturating_duration_since(Instant::now());
            self.interaction.waiting(left);
            // A provider that is to be left alone until after the end of its code is not asked again.
            tokio::time::sleep(interval.max(error.retry_after().unwrap_or_default()).min(left)).await;
        }
    }

    /// Asks once. Each question has an assertion of its own: one that came before is refused as a replay, and is past after a
    /// minute (RFC 7523 section 3).
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

/// Returns the interval after this answer (RFC 8628 section 3.5); `None` if there is nothing more to wait for.
fn next_interval(error: &Error, interval: Duration) -> Option<Duration> {
    let is_outage = error.kind() == ErrorKind::Transport;
    if error.is_denial("authorization_pending") {
        return Some(interval);
    }
    // Some providers send `slow_down` with 429.
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
    /// What is shown comes from outside: addresses that are safe to open, and a code without tricks.
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
