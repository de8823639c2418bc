//! Log-outs by the provider (back-channel) and at the provider (RP-initiated).

use std::sync::atomic::{AtomicBool, Ordering};

use auth_login::{
    LoggedOut, Login, LoginIndex, LoginRecord, Logins, MemoryLoginIndex, Tokens,
    descriptor::{Descriptor, Logout, Placeholder},
    profile::Profile,
    testing::{FakeProvider, Step},
};
use auth_runtime::{
    AuthLayer, BoxError, EncryptedCookie, KeyRing, UserId, async_trait, auth_required,
    guarded::{self, get},
    identity::CredentialId,
    revocation::MemoryRevocation,
    testing::FrozenClock,
};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use super::{
    browser::{Answer, Browser, Site},
    setup::{NOON, provider},
};

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

struct Setup {
    provider: FakeProvider,
    clock: FrozenClock,
    keys: KeyRing,
    index: MemoryLoginIndex,
    revocation: MemoryRevocation,
    app: guarded::App,
}

impl Setup {
    async fn new() -> Self {
        Self::with(|login| login).await
    }

    async fn with(change: impl FnOnce(Login) -> Login) -> Self {
        let clock = FrozenClock::at(NOON);
        let provider = provider(&clock).await;
        let index = MemoryLoginIndex::new().with_clock(clock.clone());
        let revocation = MemoryRevocation::new();
        let keys = KeyRing::random();
        let login = change(provider.login("fake").unwrap());
        let app = instance(login, &keys, index.clone(), &revocation, &clock);
        Self { provider, clock, keys, index, revocation, app }
    }

    /// Logs in with this session at the provider.
    async fn log_in(&self, user: &str, session: &'static str) -> Browser {
        self.provider.tamper(move |step| {
            if let Step::Claims { claims, .. } = step {
                claims.insert("sid".to_owned(), json!(session));
            }
        });
        let mut browser = Browser::new(&self.app);
        let started = browser.post("/login/fake", "").await;
        let callback = self.provider.sign_in(started.location(), user).unwrap();
        let done = browser.come_back(&callback).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        assert_eq!(browser.get("/me").await.text, user);
        browser
    }

    /// The claims of a log-out of alice's session `one`.
    fn claims(&self) -> Map<String, Value> {
        let claims = json!({
            "iss": self.provider.issuer(),
            "aud": "test-client",
            "iat": NOON,
            "exp": NOON + 60,
            "jti": "the-only-one",
            "sub": "alice",
            "sid": "one",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        claims.as_object().unwrap().clone()
    }

    fn token(&self, changes: &Value) -> String {
        let header = json!({"alg": "ES256", "kid": "fake-1", "typ": "logout+jwt"});
        let mut claims = self.claims();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.remove(name)),
                value => drop(claims.insert(name.clone(), value.clone())),
            }
        }
        self.provider.sign(header.as_object().unwrap(), &claims).unwrap()
    }

    async fn send(&self, token: &str) -> Answer {
        send(&self.app, token).await
    }
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
    guarded::Router::new().route("/me", get(me)).merge(login.routes()).with_auth(auth)
}

async fn send(app: &guarded::App, token: &str) -> Answer {
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", token).finish();
    let mut server = Browser::new(app);
    let answer = server.send(Method::POST, "/login/fake/backchannel-logout", Site::Cross, &form).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    answer
}

#[tokio::test]
async fn a_session_of_the_provider_ends_and_no_other() {
    let setup = Setup::new().await;
    let mut one = setup.log_in("alice", "one").await;
    let mut two = setup.log_in("alice", "two").await;
    assert_eq!(setup.send(&setup.token(&json!({}))).await.status, StatusCode::OK);
    assert_eq!(one.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(two.get("/me").await.text, "alice");
}

#[tokio::test]
async fn a_token_with_a_subject_alone_ends_every_session_of_this_user() {
    let setup = Setup::new().await;
    let mut one = setup.log_in("alice", "one").await;
    let mut two = setup.log_in("alice", "two").await;
    let mut bob = setup.log_in("bob", "three").await;
    assert_eq!(setup.send(&setup.token(&json!({"sid": null}))).await.status, StatusCode::OK);
    for browser in [&mut one, &mut two] {
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(bob.get("/me").await.text, "bob");
}

#[tokio::test]
async fn a_logout_is_effective_on_every_instance_that_shares_index_and_list() {
    let setup = Setup::new().await;
    let mut one = setup.log_in("alice", "one").await;
    let login = setup.provider.login("fake").unwrap();
    let other = instance(login, &setup.keys, setup.index.clone(), &setup.revocation, &setup.clock);
    assert_eq!(send(&other, &setup.token(&json!({}))).await.status, StatusCode::OK);
    assert_eq!(one.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_logout_token_serves_once() {
    let setup = Setup::new().await;
    setup.log_in("alice", "one").await;
    let token = setup.token(&json!({}));
    assert_eq!(setup.send(&token).await.status, StatusCode::OK);
    let mut again = setup.log_in("alice", "one").await;
    assert_eq!(setup.send(&token).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(again.get("/me").await.text, "alice");
}

// Otherwise a provider that tries again would be told of a replay, and the session would go on.
#[tokio::test]
async fn a_logout_token_is_not_used_up_while_the_index_is_down() {
    struct DownOnce(MemoryLoginIndex, AtomicBool);

    #[async_trait]
    impl LoginIndex for DownOnce {
        async fn record(&self, login: LoginRecord) -> Result<(), BoxError> {
            self.0.record(login).await
        }

        async fn find(&self, what: &LoggedOut) -> Result<Vec<LoginRecord>, BoxError> {
            if self.1.swap(false, Ordering::SeqCst) { Err("down".into()) } else { self.0.find(what).await }
        }

        async fn remove(&self, credential: &CredentialId) -> Result<(), BoxError> {
            self.0.remove(credential).await
        }
    }

    let setup = Setup::new().await;
    let mut browser = setup.log_in("alice", "one").await;
    let index = DownOnce(setup.index.clone(), AtomicBool::new(true));
    let login = setup.provider.login("fake").unwrap();
    let app = instance(login, &setup.keys, index, &setup.revocation, &setup.clock);
    let token = setup.token(&json!({}));
    assert_eq!(send(&app, &token).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get("/me").await.text, "alice");
    assert_eq!(send(&app, &token).await.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn hostile_logout_tokens_end_nothing() {
    let setup = Setup::new().await;
    let mut browser = setup.log_in("alice", "one").await;
    let mut tokens: Vec<String> = [
        json!({"iss": "https://evil.example"}),
        json!({"aud": "other-client"}),
        json!({"aud": null}),
        json!({"iat": NOON - 200}),
        json!({"iat": NOON + 200}),
        json!({"iat": null}),
        json!({"exp": NOON - 61}),
        json!({"jti": null}),
        json!({"events": null}),
        json!({"events": {}}),
        json!({"events": {"http://schemas.openid.net/event/backchannel-logout": null}}),
        json!({"nonce": "n"}),
        json!({"sub": null, "sid": null}),
    ]
    .iter()
    .map(|changes| setup.token(changes))
    .collect();
    let good = setup.token(&json!({}));
    let mut parts = good.split('.');
    let (_, claims) = (parts.next(), parts.next().unwrap());
    let claims_of = |header: &Value, claims: &Map<String, Value>| {
        setup.provider.sign(header.as_object().unwrap(), claims).unwrap()
    };
    tokens.push(format!("eyJhbGciOiJub25lIn0.{claims}."));
    tokens.push(good.rsplit_once('.').unwrap().0.to_owned() + ".AAAA");
    for typ in ["at+jwt", "secevent+jwt", "dpop+jwt"] {
        tokens.push(claims_of(&json!({"alg": "ES256", "kid": "fake-1", "typ": typ}), &setup.claims()));
    }
    // An id_token, which has neither `events` nor a type of its own.
    let mut id_token = setup.claims();
    id_token.remove("events");
    tokens.push(claims_of(&json!({"alg": "ES256", "kid": "fake-1", "typ": "JWT"}), &id_token));
    tokens.extend([String::new(), "x".to_owned()]);
    for token in tokens {
        let answer = setup.send(&token).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (StatusCode::BAD_REQUEST, r#"{"error":"invalid_request"}"#)
        );
        assert_eq!(browser.get("/me").await.text, "alice", "{token}");
    }
    assert_eq!(setup.send(&good).await.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_without_a_type_of_its_own_or_expiry_is_accepted_as_older_providers_send_it() {
    for header in
        [json!({"alg": "ES256", "kid": "fake-1"}), json!({"alg": "ES256", "kid": "fake-1", "typ": "JWT"})]
    {
        let setup = Setup::new().await;
        let mut browser = setup.log_in("alice", "one").await;
        let mut claims = setup.claims();
        claims.remove("exp");
        let token = setup.provider.sign(header.as_object().unwrap(), &claims).unwrap();
        assert_eq!(setup.send(&token).await.status, StatusCode::OK, "{header}");
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{header}");
    }
}

#[tokio::test]
async fn a_session_of_another_user_is_not_ended_by_its_name() {
    let setup = Setup::new().await;
    let mut bob = setup.log_in("bob", "one").await;
    assert_eq!(setup.send(&setup.token(&json!({}))).await.status, StatusCode::OK);
    assert_eq!(bob.get("/me").await.text, "bob");
}

#[tokio::test]
async fn a_logout_here_goes_on_at_the_provider() {
    let setup = Setup::with(Login::with_logout_at_provider).await;
    let mut browser = setup.log_in("alice", "one").await;
    let out = browser.post("/logout", "").await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    let url = Url::parse(out.location()).unwrap();
    assert_eq!(url.path(), "/end-session");
    let value = |name: &str| {
        let found = url.query_pairs().find(|(other, _)| other == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    assert_eq!(value("client_id"), "test-client");
    assert_eq!(value("post_logout_redirect_uri"), "https://app.example.com/logout/done");
    assert_eq!(value("id_token_hint").split('.').count(), 3);
    assert_eq!(value("state").len(), 43);
    // Local first and always.
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let back = browser.send(Method::GET, "/logout/done?state=x", Site::Cross, "").await;
    assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/"));
    let left = LoggedOut::Subject { issuer: setup.provider.issuer().to_owned(), subject: "alice".to_owned() };
    assert!(setup.index.find(&left).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_provider_that_is_down_does_not_stop_the_logout() {
    let setup = Setup::with(Login::with_logout_at_provider).await;
    let mut browser = setup.log_in("alice", "one").await;
    // This instance does not know the provider's metadata.
    setup.provider.tamper(|step| {
        if let Step::Response { response, .. } = step {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
    });
    let login = setup.provider.login("fake").unwrap().with_logout_at_provider();
    let other = instance(login, &setup.keys, setup.index.clone(), &setup.revocation, &setup.clock);
    let mut there = browser.at(&other);
    let out = there.post("/logout", "").await;
    assert_eq!((out.status, out.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_login_that_the_provider_could_not_end_does_not_begin() {
    struct Down;

    #[async_trait]
    impl LoginIndex for Down {
        async fn record(&self, _: LoginRecord) -> Result<(), BoxError> {
            Err("down".into())
        }

        async fn find(&self, _: &LoggedOut) -> Result<Vec<LoginRecord>, BoxError> {
            Err("down".into())
        }

        async fn remove(&self, _: &CredentialId) -> Result<(), BoxError> {
            Err("down".into())
        }
    }

    let setup = Setup::new().await;
    let login = setup.provider.login("fake").unwrap();
    let app = instance(login, &setup.keys, Down, &setup.revocation, &setup.clock);
    let mut browser = Browser::new(&app);
    let started = browser.post("/login/fake", "").await;
    let page = browser.come_back(&setup.provider.sign_in(started.location(), "alice").unwrap()).await;
    assert_eq!((page.status, page.code()), (StatusCode::INTERNAL_SERVER_ERROR, "server_error"));
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(send(&app, &setup.token(&json!({}))).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.post("/logout", "").await.location(), "/", "a log-out here works all the same");
}

#[tokio::test]
async fn without_an_index_there_is_no_back_channel() {
    let setup = super::setup::Setup::new().await;
    let answer = setup
        .browser()
        .send(Method::POST, "/login/fake/backchannel-logout", Site::Cross, "logout_token=x")
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

// Cognito's log-out has a form of its own, which no metadata describe; some providers have none.
#[tokio::test]
async fn a_logout_goes_on_in_the_form_that_the_provider_has_and_nowhere_without_one() {
    const PLACEHOLDERS: &[Placeholder] = &[Placeholder::base("issuer", "")];
    const PLAIN: Descriptor = Descriptor::openid("fake", "Fake", "{issuer}").with_placeholders(PLACEHOLDERS);
    let own = Logout::Address {
        address: "https://id.example/out?v=1",
        client_id: "client",
        return_to: "logout_uri",
    };
    let address = "https://id.example/out?v=1&client=test-client\
                   &logout_uri=https%3A%2F%2Fapp.example.com%2Flogout%2Fdone";
    for (logout, is_wanted, expected) in [(own, true, address), (own, false, "/"), (Logout::None, true, "/")]
    {
        let setup = Setup::new().await;
        let (id, secret) = setup.provider.client();
        let resolved = PLAIN.with_logout(logout).resolve(&[("issuer", setup.provider.issuer())]).unwrap();
        let login = Login::resolved(resolved, id, secret).unwrap();
        let login = if is_wanted { login.with_logout_at_provider() } else { login };
        let app = instance(login, &setup.keys, setup.index.clone(), &setup.revocation, &setup.clock);
        let mut browser = Browser::new(&app);
        let started = browser.post("/login/fake", "").await;
        browser.come_back(&setup.provider.sign_in(started.location(), "alice").unwrap()).await;
        assert_eq!(browser.post("/logout", "").await.location(), expected, "{logout:?}");
        assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "local first and always");
    }
}
