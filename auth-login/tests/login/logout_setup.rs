//! The application that tests of log-outs share.

use std::time::Duration;

use auth_login::{
    LoggedOut, Login, LoginIndex, LoginRoutes, Logins, MemoryLoginIndex, Tokens,
    profile::Profile,
    testing::{Callback, FakeProvider, Step},
};
use auth_runtime::{
    Auth, AuthError, AuthLayer, EncryptedCookie, KeyRing, LoginOptions, UserId, auth_required,
    clock::{Clock as _, UnixTime},
    guarded::{self, get, post},
    revocation::MemoryRevocation,
    testing::FrozenClock,
};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{
    app_and_fake_provider::{NOON, provider},
    browser_with_cookies::{Answer, Browser, Site},
};

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

pub struct Setup {
    pub provider: FakeProvider,
    pub clock: FrozenClock,
    pub keys: KeyRing,
    pub index: MemoryLoginIndex,
    pub revocation: MemoryRevocation,
    pub app: guarded::App,
}

impl Setup {
    pub async fn new() -> Self {
        Self::with(|login| login).await
    }

    pub async fn with(change: impl FnOnce(Login) -> Login) -> Self {
        let clock = FrozenClock::at(NOON);
        let provider = provider(&clock).await;
        let index = MemoryLoginIndex::new().with_clock(clock.clone());
        let revocation = MemoryRevocation::new().with_clock(clock.clone());
        let keys = KeyRing::random();
        let login = change(provider.login("fake").unwrap());
        let app = instance(login, &keys, index.clone(), &revocation, &clock);
        Self { provider, clock, keys, index, revocation, app }
    }

    /// Logs in with this session at the provider.
    pub async fn log_in(&self, user: &str, session: &'static str) -> Browser {
        log_in(&self.provider, &self.app, user, session).await
    }

    pub fn claims(&self) -> Map<String, Value> {
        claims(&self.provider, self.clock.now())
    }

    pub fn token(&self, changes: &Value) -> String {
        token(&self.provider, self.clock.now(), changes)
    }

    pub async fn send(&self, token: &str) -> Answer {
        send(&self.app, token).await
    }
}

/// Begins a log-in with this session at the provider, up to the way back.
pub async fn begin(
    provider: &FakeProvider,
    app: &guarded::App,
    user: &str,
    session: &'static str,
) -> (Browser, Callback) {
    provider.tamper(move |step| {
        if let Step::Claims { claims, .. } = step {
            claims.insert("sid".to_owned(), json!(session));
        }
    });
    let mut browser = Browser::new(app);
    let started = browser.post("/login/fake", "").await;
    let callback = provider.sign_in(started.location(), user).unwrap();
    (browser, callback)
}

pub async fn log_in(
    provider: &FakeProvider,
    app: &guarded::App,
    user: &str,
    session: &'static str,
) -> Browser {
    let (mut browser, callback) = begin(provider, app, user, session).await;
    let done = browser.come_back(&callback).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(browser.get("/me").await.text, user);
    browser
}

/// The claims of a log-out of alice's session `one`.
fn claims(provider: &FakeProvider, now: UnixTime) -> Map<String, Value> {
    let claims = json!({
        "iss": provider.issuer(),
        "aud": "test-client",
        "iat": now.as_secs(),
        "exp": now.plus(Duration::from_mins(1)).as_secs(),
        "jti": "the-only-one",
        "sub": "alice",
        "sid": "one",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    claims.as_object().unwrap().clone()
}

/// A `logout_token` with changed claims; `null` removes one.
pub fn token(provider: &FakeProvider, now: UnixTime, changes: &Value) -> String {
    let header = json!({"alg": "ES256", "kid": "fake-1", "typ": "logout+jwt"});
    let mut claims = claims(provider, now);
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.remove(name)),
            value => drop(claims.insert(name.clone(), value.clone())),
        }
    }
    provider.sign(header.as_object().unwrap(), &claims).unwrap()
}

/// Replaces the credential of the request.
#[auth_required]
async fn rotate(auth: Auth) -> Result<&'static str, AuthError> {
    auth.rotate().await?;
    Ok("rotated")
}

/// Acts as bob.
#[auth_required]
async fn act_as_bob(auth: Auth) -> Result<&'static str, AuthError> {
    auth.impersonate("bob").await?;
    Ok("bob")
}

/// Logs out everywhere else.
#[auth_required]
async fn log_out_elsewhere(auth: Auth) -> Result<&'static str, AuthError> {
    auth.log_out_elsewhere(&LoginOptions::new()).await?;
    Ok("elsewhere")
}

/// The application that is tested, with these log-ins and this layer.
pub fn application(login: &LoginRoutes, auth: AuthLayer) -> guarded::App {
    guarded::Router::new()
        .route("/me", get(me))
        .route("/rotate", post(rotate))
        .route("/act-as-bob", post(act_as_bob))
        .route("/log-out-elsewhere", post(log_out_elsewhere))
        .merge(login.routes())
        .with_auth(auth)
}

pub fn instance(
    login: Login,
    keys: &KeyRing,
    index: impl LoginIndex,
    revocation: &MemoryRevocation,
    clock: &FrozenClock,
) -> guarded::App {
    let login = Logins::new("https://app.example.com")
        .unwrap()
        .with_clock(clock.clone())
        .with_back_channel_logout(index, revocation.clone())
        .provider(login)
        .unwrap()
        .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
    let auth = AuthLayer::new(EncryptedCookie::new(keys.clone()))
        .with_clock(clock.clone())
        .with_revocation(revocation.clone());
    application(&login, auth)
}

pub async fn send(app: &guarded::App, token: &str) -> Answer {
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", token).finish();
    let mut server = Browser::new(app);
    let answer = server.send(Method::POST, "/login/fake/backchannel-logout", Site::Cross, &form).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    answer
}

/// All log-ins of a user.
pub fn everything_of(provider: &FakeProvider, subject: &str) -> LoggedOut {
    LoggedOut::Subject { issuer: provider.issuer().to_owned(), subject: subject.to_owned() }
}
