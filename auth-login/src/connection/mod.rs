//! Finds a provider's endpoints when they are first needed, and remembers an outage for a moment:
//! [`Connector`].

mod token_verifier;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use auth_client::{
    ClientAuthentication, Environment, ErrorKind, HttpClient, OAuthClient, Provider, TokenWireFormat,
};
use auth_runtime::clock::{Clock, UnixTime};
use url::Url;

pub(crate) use token_verifier::{InvalidToken, Issued, TokenVerifier};

use crate::{
    Login, LoginError,
    client_authentication_key::LoginKey,
    descriptor::{ClientMethod, Pkce, ResolvedEndpoints, TokenPlace, TokenRequest},
    failure_code::FailureCode,
    login_failure::LoginFailure,
};

#[cfg(feature = "oauth1")]
use crate::oauth1::{OAuth1Client, OAuth1Error};

/// How long metadata are used before they are asked for again.
const KEPT: Duration = Duration::from_hours(24);
/// How long a provider that did not respond is left alone, unless it says otherwise.
const PAUSE: Duration = Duration::from_secs(5);
/// The longest pause that a provider can ask for.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// A provider whose endpoints are known.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) client: OAuthClient,
    pub(crate) authorization: Url,
    pub(crate) userinfo: Option<Url>,
    pub(crate) announces_issuer: bool,
    /// For `OpenID` Providers
    pub(crate) tokens: Option<TokenVerifier>,
}

/// A provider that cannot be used at the moment, and when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unavailable {
    pub(crate) retry_after: Duration,
}

/// Finds the endpoints of one provider.
pub(crate) struct Connector {
    login: Login,
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
    latest: Mutex<Latest>,
    /// Held while metadata are asked for: one request at a time
    flight: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Latest {
    connection: Option<(Arc<Connection>, UnixTime)>,
    /// Until when the provider is left alone after a failure
    paused_until: Option<UnixTime>,
}

impl Connector {
    /// # Errors
    ///
    /// Fails if the client cannot be set up, for example since TLS cannot.
    pub(crate) fn new(login: Login, clock: Arc<dyn Clock>) -> Result<Self, LoginError> {
        let http = login.transport()?;
        Ok(Self { login, http, clock, latest: Mutex::default(), flight: tokio::sync::Mutex::default() })
    }

    pub(crate) fn set_clock(&mut self, clock: Arc<dyn Clock>) {
        self.clock = clock;
    }

    /// See [`Login::with_trusted_acr`].
    pub(crate) fn trust_named_acr_only(&mut self) {
        self.login.trust_named_acr_only();
    }

    pub(crate) const fn login(&self) -> &Login {
        &self.login
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    pub(crate) fn http(&self) -> &dyn HttpClient {
        &*self.http
    }

    /// Returns the client of a provider with OAuth 1.0a.
    #[cfg(feature = "oauth1")]
    pub(crate) fn oauth1(&self) -> Result<OAuth1Client, OAuth1Error> {
        let (http, clock) = (Arc::clone(&self.http), Arc::clone(&self.clock));
        let send = move |request| {
            let http = Arc::clone(&http);
            async move { http.send(request).await }
        };
        let login = &self.login;
        let secret = login.secret.clone().unwrap_or_default();
        let client = OAuth1Client::with_http_client(login.provider.clone(), &login.client_id, secret, send)?;
        Ok(client.with_clock(move || clock.now()))
    }

    /// Returns the client with its authentication for one request. A signed secret is made anew each time.
    pub(crate) fn authenticated(&self, connection: &Connection) -> Result<OAuthClient, LoginFailure> {
        let client = connection.client.clone();
        let Some(LoginKey::Secret(secret)) = &self.login.key else { return Ok(client) };
        let secret = secret.sign(&self.login.client_id, self.clock.now());
        let secret = secret.map_err(|reason| LoginFailure::new(FailureCode::ServerError, reason))?;
        Ok(client.with_authentication(ClientAuthentication::Post(secret)))
    }

    /// Returns the provider's endpoints, and asks for them if that was not done, or long ago. An outage does
    /// not end what is known.
    pub(crate) async fn connect(&self) -> Result<Arc<Connection>, Unavailable> {
        if let Some(answer) = self.at_hand() {
            return answer;
        }
        let _flight = self.flight.lock().await;
        // Another request has asked meanwhile.
        if let Some(answer) = self.at_hand() {
            return answer;
        }
        let discovered = self.discover().await;
        let now = self.clock.now();
        let mut latest = self.latest();
        match discovered {
            Ok(connection) => {
                let connection = Arc::new(connection);
                latest.connection = Some((Arc::clone(&connection), now.plus(KEPT)));
                latest.paused_until = None;
                Ok(connection)
            }
            Err(pause) => {
                latest.paused_until = Some(now.plus(pause));
                match &latest.connection {
                    Some((connection, _)) => Ok(Arc::clone(connection)),
                    None => Err(Unavailable { retry_after: pause }),
                }
            }
        }
    }

    /// Returns the answer that needs no request.
    fn at_hand(&self) -> Option<Result<Arc<Connection>, Unavailable>> {
        let now = self.clock.now();
        let latest = self.latest();
        let pause = latest.paused_until.filter(|until| *until > now).map(|until| until.since(now));
        match (&latest.connection, pause) {
            (Some((connection, until)), _) if *until > now => Some(Ok(Arc::clone(connection))),
            (Some((connection, _)), Some(_)) => Some(Ok(Arc::clone(connection))),
            (None, Some(retry_after)) => Some(Err(Unavailable { retry_after })),
            _ => None,
        }
    }

    /// Returns the endpoints, or how long to leave the provider alone.
    async fn discover(&self) -> Result<Connection, Duration> {
        let provider = &self.login.provider;
        let found = if let ResolvedEndpoints::OAuth2 { authorization, token } = provider.endpoints() {
            Provider::new(token.as_str())
                .and_then(|provider| provider.with_authorization_url(authorization.as_str()))
                .and_then(|found| match provider.revocation() {
                    Some(address) => found.with_revocation_url(address.as_str()),
                    None => Ok(found),
                })
                .and_then(|found| match provider.refresh() {
                    Some(address) => found.with_refresh_url(address.as_str()),
                    None => Ok(found),
                })
        } else {
            let issuer = provider.issuer();
            let place = provider.discovery_issuer().unwrap_or(issuer);
            Provider::discover_openid(place, issuer, &*self.http).await
        };
        let connection = found.map_err(LoginError::from).and_then(|provider| self.connection(provider));
        connection.map_err(|error| {
            let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref());
            let pause = cause.and_then(auth_client::Error::retry_after).unwrap_or(PAUSE);
            tracing::warn!(target: "auth_login", provider = self.login.id(), error = %error,
                "the metadata of the identity provider cannot be read");
            pause.clamp(Duration::from_secs(1), LONGEST_PAUSE)
        })
    }

    fn connection(&self, provider: Provider) -> Result<Connection, LoginError> {
        let login = &self.login;
        let descriptor = login.provider.descriptor();
        let authorization = provider.authorization_url().cloned().ok_or_else(|| {
            LoginError::new(format!("provider `{}` publishes no authorization endpoint", login.id))
        })?;
        if descriptor.pkce == Pkce::S256 && provider.lacks_s256() {
            return Err(LoginError::new(format!(
                "provider `{}` publishes that it does not know PKCE with S256",
                login.id
            )));
        }
        let tokens = if login.is_openid() { Some(TokenVerifier::new(login, &provider)?) } else { None };
        let announces_issuer = descriptor.announces_iss || provider.announces_issuer();
        let userinfo = provider.userinfo_url().cloned();
        let client = OAuthClient::in_environment(provider, &login.client_id, self.environment())
            .with_service_name(&login.id)
            .with_parameter_names(descriptor.client_id_parameter, descriptor.client_secret_parameter)
            .with_authentication(authentication(login));
        let client = match descriptor.token_request {
            TokenRequest::Get => client.insecure_query_token_requests(),
            TokenRequest::Post => client,
        };
        Ok(Connection { client, authorization, userinfo, announces_issuer, tokens })
    }

    pub(crate) fn environment(&self) -> Environment {
        let http = Arc::clone(&self.http);
        let send = move |request| {
            let http = Arc::clone(&http);
            async move { http.send(request).await }
        };
        Environment::with_http_client(send)
            .with_clock(ClientClock(Arc::clone(&self.clock)))
            .with_format(token_format(&self.login))
    }

    fn latest(&self) -> std::sync::MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("login", &self.login).finish_non_exhaustive()
    }
}

/// Returns how tokens are sent to the provider's API: Yandex has a scheme of its own.
fn token_format(login: &Login) -> TokenWireFormat {
    let scheme = login.provider.calls().iter().find_map(|call| match call.call.token {
        TokenPlace::Header(scheme) => Some(scheme),
        _ => None,
    });
    let scheme = scheme.unwrap_or("Bearer");
    TokenWireFormat::default().with_default_prefix(scheme).unwrap_or_default()
}

fn authentication(login: &Login) -> ClientAuthentication {
    if let Some(LoginKey::Assertion(key)) = &login.key {
        return ClientAuthentication::PrivateKeyJwt((**key).clone());
    }
    let Some(secret) = login.secret.clone() else { return ClientAuthentication::None };
    match login.provider.descriptor().client_method {
        ClientMethod::BasicUnencoded => ClientAuthentication::BasicUnencoded(secret),
        ClientMethod::Post => ClientAuthentication::Post(secret),
        ClientMethod::None => ClientAuthentication::None,
        // A signed secret is put in for each request.
        _ => ClientAuthentication::Basic(secret),
    }
}

/// The application's clock, as `auth-client` reads it.
#[derive(Clone)]
struct ClientClock(Arc<dyn Clock>);

impl auth_client::clock::Clock for ClientClock {
    fn now(&self) -> SystemTime {
        let since = Duration::from_secs(self.0.now().as_secs());
        SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    fn running(&self) -> Duration {
        Duration::from_secs(self.0.now().as_secs())
    }
}

impl std::fmt::Debug for ClientClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientClock")
    }
}

/// True if trying again later may help.
pub(crate) fn is_outage(error: &auth_client::Error) -> bool {
    matches!(error.kind(), ErrorKind::Transport | ErrorKind::TimedOut)
}
