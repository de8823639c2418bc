//! Programs without a browser, for a person who has one elsewhere (RFC 8628).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use oauth2::{
    AsyncHttpClient, DeviceAuthorizationUrl, DeviceCodeErrorResponseType, EndpointSet, HttpRequest,
    HttpResponse, RequestTokenError, Scope, StandardDeviceAuthorizationResponse,
};
use tokio::{sync::Notify, time::Instant};
use url::Url;

use super::{
    OAuthClient,
    client::Client,
    endpoint::{Sender, Sending, from_library, judge, whole},
    personal::personal_grant,
};
use crate::{Denial, DevicePrompt, Error, ErrorKind, Interaction, Terminal, Token, error::harmless, origin};

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

    fn library(&self) -> Result<Client<EndpointSet>, Error> {
        let Some(url) = self.client.provider().device.clone() else {
            return Err(Error::configuration("the provider has no device authorization endpoint"));
        };
        Ok(self.client.library().set_device_authorization_url(DeviceAuthorizationUrl::from_url(url)))
    }

    async fn log_in(&self) -> Result<Token, Error> {
        let library = self.library()?;
        let mut request = library
            .exchange_device_code()
            .add_scopes(self.scopes.iter().map(|scope| Scope::new(scope.clone())));
        for (name, value) in self.client.assertion()? {
            request = request.add_extra_param(name, value);
        }
        let send = Sender(&self.client);
        let details: StandardDeviceAuthorizationResponse =
            request.request_async(&send).await.map_err(from_library)?;
        let left = details.expires_in();
        let end = Instant::now()
            .checked_add(left)
            .ok_or_else(|| Error::protocol("the provider's code lives longer than anybody can wait"))?;
        self.interaction.enter_code(&prompt(&details)?, left);
        tokio::time::timeout_at(end, self.poll(&library, &details, end))
            .await
            .unwrap_or_else(|_| Err(Error::timed_out("nobody entered the code in time")))
    }

    /// Asks until there is an answer, at the provider's pace.
    async fn poll(
        &self,
        library: &Client<EndpointSet>,
        details: &StandardDeviceAuthorizationResponse,
        end: Instant,
    ) -> Result<Token, Error> {
        let mut request = library.exchange_device_access_token(details);
        for (name, value) in self.client.assertion()? {
            request = request.add_extra_param(name, value);
        }
        let send = Poller { client: &self.client, fatal: Mutex::new(None), ended: Notify::new() };
        let interaction = Arc::clone(&self.interaction);
        let sleep = move |interval: Duration| {
            interaction.waiting(end.saturating_duration_since(Instant::now()));
            tokio::time::sleep(interval.max(Duration::from_secs(1)))
        };
        tokio::select! {
            biased;
            () = send.ended.notified() => {
                let error = send.fatal.lock().unwrap_or_else(PoisonError::into_inner).take();
                Err(error.unwrap_or_else(|| Error::protocol("the provider's answer cannot be read")))
            }
            answer = request.request_async(&send, sleep, Some(Duration::from_hours(24))) => match answer {
                Ok(answer) => self.client.token(answer),
                Err(RequestTokenError::ServerResponse(refusal)) => Err(match refusal.error() {
                    DeviceCodeErrorResponseType::ExpiredToken => Error::timed_out("nobody entered the code in time"),
                    code => Error::denied(Denial::new(
                        code.as_ref(),
                        refusal.error_description().map(String::as_str),
                        refusal.error_uri().map(String::as_str),
                    )),
                }),
                Err(error) => Err(from_library(error)),
            },
        }
    }
}

/// Sends one question after the other. The `oauth2` crate goes on after every error of the sender's; one that will not get
/// better is noted here, to end it.
struct Poller<'s> {
    client: &'s OAuthClient,
    fatal: Mutex<Option<Error>>,
    ended: Notify,
}

impl<'c> AsyncHttpClient<'c> for Poller<'_> {
    type Error = Error;
    type Future = Sending<'c>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.ask(request).await;
            if let Err(error) = &answer
                && error.kind() != ErrorKind::Transport
            {
                *self.fatal.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
                self.ended.notify_one();
            }
            answer
        })
    }
}

impl Poller<'_> {
    /// The provider's no is passed on: "not yet" is one of them.
    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let mut answer = self.client.send(request).await?;
        match judge(&answer) {
            Err(error) if error.kind() == ErrorKind::Denied => {
                *answer.status_mut() = http::StatusCode::BAD_REQUEST;
                Ok(answer)
            }
            Err(error) => Err(error),
            Ok(()) => whole(answer),
        }
    }
}

/// What is shown comes from outside: addresses that are safe to open, and a code without tricks.
fn prompt(details: &StandardDeviceAuthorizationResponse) -> Result<DevicePrompt, Error> {
    let address = |text: &str| {
        let url = Url::parse(text).ok().filter(origin::is_secure);
        url.ok_or_else(|| Error::protocol("the provider's address for the code is not safe to open"))
    };
    let complete =
        details.verification_uri_complete().map(|complete| address(complete.secret())).transpose()?;
    Ok(DevicePrompt {
        code: harmless(details.user_code().secret()),
        address: address(details.verification_uri().as_str())?,
        complete_address: complete,
    })
}

personal_grant!(DeviceCode, "device_code");
