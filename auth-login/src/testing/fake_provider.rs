//! Runs an `OpenID` Provider on a loopback address, in the test's own process: [`FakeProvider`].

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use auth_runtime::{
    clock::{Clock, SystemClock},
    jwt::{Algorithm, SigningKey},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::Response;
use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use url::{Url, form_urlencoded};

use super::{
    FakeProviderError, FakeUser,
    authorization_request::{AuthorizationRequest, Granted},
    provider_endpoints,
};
use crate::{Login, LoginError, callback_decision::Parameters, random_value::RandomValue};

/// The id of the only client.
pub(super) const CLIENT_ID: &str = "test-client";
/// Its secret, with characters that must be encoded, and long enough for HS256.
pub(super) const SECRET: &str = "test secret: 50% & more, of 32 bytes and over";

/// What a fake provider is about to do; a test can change it, and so make a hostile provider of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step<'a> {
    /// It sends the browser back with these parameters.
    Callback(&'a mut Vec<(String, String)>),
    /// It signs an `id_token` with this header and these claims.
    Claims {
        /// The header
        header: &'a mut Map<String, Value>,
        /// The claims
        claims: &'a mut Map<String, Value>,
    },
    /// It sends this signed `id_token`.
    IdToken(&'a mut String),
    /// It responds to a request for this path.
    Response {
        /// The path, such as `/token`
        path: &'a str,
        /// The response
        response: &'a mut Response<Vec<u8>>,
    },
}

type Tampering = dyn Fn(Step<'_>) + Send + Sync;

/// An `OpenID` Provider with users to choose from, on a loopback address, that signs with a key of its own.
///
/// It has discovery, keys, authorization (with a page to choose a user, and both response modes), token and
/// userinfo endpoints. It knows one client, and is as strict as a real provider: PKCE, the redirect address
/// and the client's secret are checked, and a code is good once. It ends when it is dropped.
pub struct FakeProvider {
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

pub(super) struct Inner {
    pub(super) issuer: String,
    pub(super) key: SigningKey,
    pub(super) users: Vec<FakeUser>,
    pub(super) clock: Mutex<Arc<dyn Clock>>,
    pub(super) codes: Mutex<HashMap<String, Granted>>,
    /// The query of each pushed authorization request
    pub(super) pushed: Mutex<HashMap<String, String>>,
    /// The subject of each access token
    pub(super) access_tokens: Mutex<HashMap<String, String>>,
    requests: Mutex<Vec<String>>,
    tampering: Mutex<Option<Arc<Tampering>>>,
}

/// How a provider's response comes back to the application.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Callback {
    /// Where the browser is sent; with a query, unless the response is a form
    pub address: String,
    /// The form that the browser sends there by POST, for `response_mode=form_post`
    pub form: Option<String>,
}

impl Callback {
    /// Returns how a provider's response comes back, for tests with other providers.
    #[must_use]
    pub const fn new(address: String, form: Option<String>) -> Self {
        Self { address, form }
    }
}

impl FakeProvider {
    /// Starts a provider with these users on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Fails if no port is free, or the system gives no random bytes for the key.
    pub async fn start(users: impl IntoIterator<Item = FakeUser>) -> Result<Self, FakeProviderError> {
        let failed = |error: std::io::Error| FakeProviderError::new(error.to_string());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let key = SigningKey::generate(Algorithm::ES256)
            .map_err(|error| FakeProviderError::new(error.to_string()))?
            .with_kid("fake-1");
        let inner = Arc::new(Inner {
            issuer: format!("http://{address}"),
            key,
            users: users.into_iter().collect(),
            clock: Mutex::new(Arc::new(SystemClock)),
            codes: Mutex::default(),
            pushed: Mutex::default(),
            access_tokens: Mutex::default(),
            requests: Mutex::default(),
            tampering: Mutex::default(),
        });
        let router = provider_endpoints::router(Arc::clone(&inner));
        let server = tokio::spawn(async move {
            // It is ended by `Drop`.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { inner, server })
    }

    /// Tells the time by another clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        *lock(&self.inner.clock) = Arc::new(clock);
        self
    }

    /// Returns the issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// Returns the id of the only client, and its secret.
    #[must_use]
    pub const fn client(&self) -> (&'static str, &'static str) {
        (CLIENT_ID, SECRET)
    }

    /// Returns a way to log in with this provider.
    ///
    /// # Errors
    ///
    /// As [`Login::openid`].
    pub fn login(&self, id: &str) -> Result<Login, LoginError> {
        Login::openid(id, self.issuer(), CLIENT_ID, SECRET)
    }

    /// Chooses a user, as the browser's user does on the provider's page, and returns how the browser comes
    /// back.
    ///
    /// # Errors
    ///
    /// Fails if the address is not an authorization request to this provider, or there is no such user.
    pub fn sign_in(&self, authorization_url: &str, subject: &str) -> Result<Callback, FakeProviderError> {
        let request = self.request(authorization_url)?;
        self.inner.sign_in(&request, subject)
    }

    /// Refuses to log in, and returns how the browser comes back.
    ///
    /// # Errors
    ///
    /// Fails if the address is not an authorization request to this provider.
    pub fn deny(&self, authorization_url: &str) -> Result<Callback, FakeProviderError> {
        let request = self.request(authorization_url)?;
        Ok(self.inner.callback(&request, vec![("error".to_owned(), "access_denied".to_owned())]))
    }

    /// Changes what the provider does, from now on: for tests of hostile and broken providers.
    pub fn tamper(&self, tampering: impl Fn(Step<'_>) + Send + Sync + 'static) {
        *lock(&self.inner.tampering) = Some(Arc::new(tampering));
    }

    /// Returns how often this path was asked for, such as `/token`.
    #[must_use]
    pub fn requests(&self, path: &str) -> usize {
        lock(&self.inner.requests).iter().filter(|found| *found == path).count()
    }

    /// Signs claims with the provider's key.
    ///
    /// # Errors
    ///
    /// Fails if the key cannot sign.
    pub fn sign(
        &self,
        header: &Map<String, Value>,
        claims: &Map<String, Value>,
    ) -> Result<String, FakeProviderError> {
        self.inner.sign(header, claims)
    }

    fn request(&self, authorization_url: &str) -> Result<AuthorizationRequest, FakeProviderError> {
        let not_ours = || FakeProviderError::new("the address is not that of the authorization endpoint");
        let url = Url::parse(authorization_url).map_err(|_| not_ours())?;
        if url.origin().ascii_serialization() != self.inner.issuer || url.path() != "/authorize" {
            return Err(not_ours());
        }
        self.inner.read(url.query().unwrap_or_default())
    }
}

impl Inner {
    pub(super) fn now(&self) -> auth_runtime::clock::UnixTime {
        lock(&self.clock).now()
    }

    pub(super) fn note(&self, path: &str) {
        lock(&self.requests).push(path.to_owned());
    }

    pub(super) fn tampered(&self, step: Step<'_>) {
        let tampering = lock(&self.tampering).clone();
        if let Some(tampering) = tampering {
            tampering(step);
        }
    }

    /// Reads an authorization request, or the pushed one that it stands for (RFC 9126 section 4).
    pub(super) fn read(&self, query: &str) -> Result<AuthorizationRequest, FakeProviderError> {
        let parameters = Parameters::parse(query.as_bytes());
        let Some(name) = parameters.get("request_uri") else { return AuthorizationRequest::read(query) };
        let pushed = lock(&self.pushed).get(name).cloned();
        let pushed =
            pushed.ok_or_else(|| FakeProviderError::new("`request_uri` is not that of a pushed request"))?;
        AuthorizationRequest::read(&pushed)
    }

    pub(super) fn user(&self, subject: &str) -> Option<&FakeUser> {
        self.users.iter().find(|user| user.subject == subject)
    }

    pub(super) fn sign_in(
        &self,
        request: &AuthorizationRequest,
        subject: &str,
    ) -> Result<Callback, FakeProviderError> {
        let user = self.user(subject).ok_or_else(|| FakeProviderError::new("there is no such user"))?;
        let code = random()?;
        let granted = Granted { subject: user.subject.clone(), request: request.clone(), at: self.now() };
        lock(&self.codes).insert(code.clone(), granted);
        Ok(self.callback(request, vec![("code".to_owned(), code)]))
    }

    /// Returns how the browser comes back with these parameters, and with `state` and `iss` (RFC 9207).
    pub(super) fn callback(
        &self,
        request: &AuthorizationRequest,
        mut pairs: Vec<(String, String)>,
    ) -> Callback {
        pairs.extend(request.state.clone().map(|state| ("state".to_owned(), state)));
        pairs.push(("iss".to_owned(), self.issuer.clone()));
        self.tampered(Step::Callback(&mut pairs));
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        if request.is_form_post {
            return Callback { address: request.redirect_uri.clone(), form: Some(encoded) };
        }
        Callback { address: format!("{}?{encoded}", request.redirect_uri), form: None }
    }

    pub(super) fn sign(
        &self,
        header: &Map<String, Value>,
        claims: &Map<String, Value>,
    ) -> Result<String, FakeProviderError> {
        let encode = |part: &Map<String, Value>| BASE64_URL_SAFE_NO_PAD.encode(json!(part).to_string());
        let input = format!("{}.{}", encode(header), encode(claims));
        let signature = self.key.sign(input.as_bytes());
        let signature = signature.map_err(|error| FakeProviderError::new(error.to_string()))?;
        Ok(format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }
}

pub(super) fn random() -> Result<String, FakeProviderError> {
    let value =
        RandomValue::new().ok_or_else(|| FakeProviderError::new("the system gives no random bytes"))?;
    Ok(value.to_text())
}

pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for FakeProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for FakeProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeProvider").field("issuer", &self.inner.issuer).finish_non_exhaustive()
    }
}
