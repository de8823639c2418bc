//! Step-up by a guard: the browser is sent to the provider and back, with what the guard requires, and as the same
//! user.

use std::sync::Arc;

use auth_login::{
    Login, Logins, Tokens,
    profile::Profile,
    providers,
    testing::{FakeProvider, FakeUser, Step},
};
use auth_runtime::{
    AuthError, AuthLayer, EncryptedCookie, KeyRing, LocalPath, Session, UserId, auth_required,
    clock::UnixTime,
    guarded::{self, get, post},
    identity::session::SessionIdentity,
    testing::FrozenClock,
};
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{
    app_and_fake_provider::NOON,
    browser_with_cookies::{Answer, Browser},
};

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

#[auth_required(fresh = "10m")]
async fn pay(user: UserId) -> String {
    format!("{user} pays")
}

#[auth_required(acr = ["phr", "phrh"])]
async fn sign(user: UserId) -> String {
    format!("{user} signs")
}

#[auth_required]
async fn fill_cart(session: Session) -> Result<(), AuthError> {
    session.insert("cart", "a pen").await
}

#[auth_required]
async fn cart(session: Session) -> Result<String, AuthError> {
    Ok(session.get("cart")?.unwrap_or_default())
}

struct Setup {
    provider: FakeProvider,
    clock: FrozenClock,
    app: guarded::App,
}

/// The users have a session at the provider that is an hour old.
async fn setup_with(change: impl FnOnce(Login) -> Login) -> Setup {
    let clock = FrozenClock::at(NOON);
    let since = UnixTime::from_secs(NOON - 3600);
    let users = ["alice", "bob"].map(|name| FakeUser::new(name).with_session_since(since));
    let provider = FakeProvider::start(users).await.unwrap().with_clock(clock.clone());
    let app = application([change(provider.login("fake").unwrap())], &clock);
    Setup { provider, clock, app }
}

pub(crate) fn application(ways: impl IntoIterator<Item = Login>, clock: &FrozenClock) -> guarded::App {
    let mut logins = Logins::new("https://app.example.com").unwrap().with_clock(clock.clone());
    for login in ways {
        logins = logins.provider(login).unwrap();
    }
    let login = logins
        .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
    let routes = guarded::Router::new()
        .route("/me", get(me))
        .route("/pay", get(pay).post(pay))
        .route("/sign", get(sign))
        .route("/cart", get(cart).post(fill_cart));
    let auth = AuthLayer::new(SessionIdentity::memory()).with_clock(clock.clone());
    routes.merge(login.routes()).with_auth(auth.with_login_page(LocalPath::from_static("/login")))
}

impl Setup {
    async fn new() -> Self {
        setup_with(|login| login).await
    }

    /// Starts a log-in at this address, comes back as this user, and returns the address and the response.
    async fn log_in(&self, browser: &mut Browser, address: &str, user: &str) -> (String, Answer) {
        let started = browser.post(address, "next=/pay").await;
        assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.text);
        let callback = self.provider.sign_in(started.location(), user).unwrap();
        let done = browser.come_back(&callback).await;
        (started.location().to_owned(), done)
    }

    async fn signed_in(&self, user: &str) -> Browser {
        let mut browser = Browser::new(&self.app);
        let (_, done) = self.log_in(&mut browser, "/login/fake", user).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        assert_eq!(browser.get("/me").await.text, user);
        browser
    }

    /// Changes the claims of every `id_token` from now on; `null` removes one.
    fn state(&self, changes: Value) {
        self.provider.tamper(move |step| {
            if let Step::Claims { claims, .. } = step {
                for (name, value) in changes.as_object().unwrap() {
                    claims.insert(name.clone(), value.clone());
                    claims.retain(|_, value| !value.is_null());
                }
            }
        });
    }
}

#[tokio::test]
async fn a_guard_sends_the_browser_to_a_recent_log_in_and_back() {
    let setup = Setup::new().await;
    let mut browser = setup.signed_in("alice").await;
    // The log-in here is new, and the authentication at the provider is an hour old.
    let sent = browser.navigate("/pay").await;
    assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, "/login?next=%2Fpay&max_age=600"));
    let page = browser.navigate(sent.location()).await;
    assert!(page.text.contains(r#"action="/login/fake?max_age=600""#), "{}", page.text);
    assert!(page.text.contains(r#"name="next" value="/pay""#), "{}", page.text);
    assert!(page.text.contains("confirm who you are"), "{}", page.text);
    let (address, done) = setup.log_in(&mut browser, "/login/fake?max_age=600", "alice").await;
    assert!(address.contains("&max_age=600&") && address.contains("&prompt=login"), "{address}");
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/pay"), "{}", done.text);
    assert_eq!(browser.get("/pay").await.text, "alice pays");
    // As long as the guard says.
    setup.clock.advance(std::time::Duration::from_mins(10));
    assert_eq!(browser.get("/pay").await.text, "alice pays");
    setup.clock.advance(std::time::Duration::from_secs(1));
    let sent = browser.navigate("/pay").await;
    assert_eq!(sent.location(), "/login?next=%2Fpay&max_age=600");
}

#[tokio::test]
async fn a_guard_sends_the_browser_to_a_strong_log_in_and_back() {
    let setup = Setup::new().await;
    let mut browser = setup.signed_in("alice").await;
    let sent = browser.navigate("/sign").await;
    assert_eq!(sent.location(), "/login?next=%2Fsign&acr_values=phr%20phrh");
    let page = browser.navigate(sent.location()).await;
    assert!(page.text.contains(r#"action="/login/fake?acr_values=phr+phrh""#), "{}", page.text);
    let (address, done) = setup.log_in(&mut browser, "/login/fake?acr_values=phr+phrh", "alice").await;
    assert!(address.contains("&acr_values=phr+phrh"), "{address}");
    assert!(!address.contains("max_age") && !address.contains("prompt"), "{address}");
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(browser.get("/sign").await.text, "alice signs");
    assert_eq!(browser.get("/pay").await.status, StatusCode::UNAUTHORIZED, "strong is not recent");
}

#[tokio::test]
async fn an_anonymous_client_logs_in_once() {
    let setup = Setup::new().await;
    let mut browser = Browser::new(&setup.app);
    assert_eq!(browser.navigate("/pay").await.location(), "/login?next=%2Fpay&max_age=600");
    let (address, done) = setup.log_in(&mut browser, "/login/fake?max_age=600", "alice").await;
    // Whether the provider's session is recent enough is for the provider to say.
    assert!(address.contains("&max_age=600") && !address.contains("prompt"), "{address}");
    assert_eq!(done.location(), "/pay", "{}", done.text);
    assert_eq!(browser.get("/pay").await.text, "alice pays");
}

#[tokio::test]
async fn who_leaves_the_demand_out_is_not_let_in() {
    let setup = Setup::new().await;
    for demand in ["", "?max_age=x", "?max_age=9999999", "?max_age=-1"] {
        // Log out, and log in by the provider's session.
        let mut browser = Browser::new(&setup.app);
        let (_, done) = setup.log_in(&mut browser, &format!("/login/fake{demand}"), "alice").await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{demand}: {}", done.text);
        assert_eq!(browser.get("/pay").await.status, StatusCode::UNAUTHORIZED, "{demand}");
        assert_eq!(browser.get("/me").await.text, "alice");
    }
    let mut browser = setup.signed_in("alice").await;
    let (_, done) = setup.log_in(&mut browser, "/login/fake", "alice").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/pay").await.status, StatusCode::UNAUTHORIZED);
    let (_, done) = setup.log_in(&mut browser, "/login/fake?acr_values=pwd", "alice").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/sign").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_provider_that_does_not_confirm_it_ends_on_a_calm_page() {
    let setup = Setup::new().await;
    let mut browser = setup.signed_in("alice").await;
    for (claims, demand) in [
        (json!({"auth_time": null}), "max_age=600"),
        (json!({"auth_time": NOON - 661}), "max_age=600"),
        (json!({"auth_time": "now"}), "max_age=600"),
        (json!({"acr": null}), "acr_values=phr"),
        (json!({"acr": "pwd"}), "acr_values=phr"),
        (json!({"acr": ["phr"]}), "acr_values=phr"),
        (json!({"acr": "phr phrh"}), "acr_values=phr"),
    ] {
        setup.state(claims.clone());
        let (_, page) = setup.log_in(&mut browser, &format!("/login/fake?{demand}"), "alice").await;
        let found = (page.status, page.code());
        assert_eq!(found, (StatusCode::FORBIDDEN, "authentication_insufficient"), "{claims}");
        // No loop: nothing leads on by itself, and what the user can start again asks for the same.
        assert!(page.location().is_empty() && !page.text.contains("http-equiv=\"refresh\""), "{}", page.text);
        assert!(page.text.contains(&format!(r#"action="/login/fake?{demand}""#)), "{}", page.text);
        assert!(page.text.contains(&format!("/login?next=%2Fpay&amp;{demand}")), "{}", page.text);
        assert_eq!(browser.get("/me").await.text, "alice", "the session stays");
        assert_eq!(browser.get("/pay").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(browser.get("/sign").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_link_makes_a_log_in_only_stricter() {
    let setup = setup_with(|login| {
        login.with_max_age(std::time::Duration::from_mins(5)).with_acr_values(["phr", "mfa"])
    })
    .await;
    let mut browser = Browser::new(&setup.app);
    for (query, max_age, acr_values) in [
        ("", "300", "phr+mfa"),
        ("?max_age=60", "60", "phr+mfa"),
        ("?max_age=6000", "300", "phr+mfa"),
        ("?acr_values=phr", "300", "phr"),
        ("?acr_values=pwd+mfa", "300", "mfa"),
    ] {
        let (address, _) = setup.log_in(&mut browser, &format!("/login/fake{query}"), "alice").await;
        assert!(address.contains(&format!("&max_age={max_age}&")), "{query}: {address}");
        assert!(address.contains(&format!("&acr_values={acr_values}")), "{query}: {address}");
    }
    // Nothing that both accept.
    let page = browser.post("/login/fake?acr_values=pwd", "next=/sign").await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "step_up_unsupported"));
    // The configured list holds for what comes back, too.
    setup.state(json!({"acr": "phr"}));
    let (_, page) = setup.log_in(&mut browser, "/login/fake?acr_values=mfa", "alice").await;
    assert_eq!(page.code(), "authentication_insufficient");
}

#[tokio::test]
async fn a_step_up_as_another_user_changes_nothing() {
    let setup = Setup::new().await;
    let mut browser = setup.signed_in("alice").await;
    browser.post("/cart", "").await;
    let (_, page) = setup.log_in(&mut browser, "/login/fake?max_age=600", "bob").await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "other_user"));
    assert_eq!(browser.get("/me").await.text, "alice");
    assert_eq!(browser.get("/pay").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/cart").await.text, "a pen");
}

#[tokio::test]
async fn a_step_up_does_not_end_as_a_user_who_has_left() {
    let setup = Setup::new().await;
    let mut browser = setup.signed_in("alice").await;
    let started = browser.post("/login/fake?max_age=600", "next=/pay").await;
    let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
    // In another tab.
    browser.post("/logout", "").await;
    setup.log_in(&mut browser, "/login/fake", "bob").await;
    let page = browser.come_back(&callback).await;
    assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "other_user"));
    assert_eq!(browser.get("/me").await.text, "bob");
    // Without any session, it is a log-in of the same user.
    let mut browser = setup.signed_in("alice").await;
    let started = browser.post("/login/fake?max_age=600", "next=/pay").await;
    let callback = setup.provider.sign_in(started.location(), "alice").unwrap();
    browser.post("/logout", "").await;
    assert_eq!(browser.come_back(&callback).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/pay").await.text, "alice pays");
}

#[tokio::test]
async fn the_session_is_rotated_and_keeps_the_values_of_its_user() {
    let setup = Setup::new().await;
    let mut browser = setup.signed_in("alice").await;
    browser.post("/cart", "").await;
    let before = browser.clone();
    let (_, done) = setup.log_in(&mut browser, "/login/fake?max_age=600", "alice").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(browser.get("/cart").await.text, "a pen");
    let mut old = before;
    assert_eq!(old.get("/me").await.status, StatusCode::UNAUTHORIZED, "the id before is good for nothing");
    // A plain log-in begins an empty session, as ever.
    setup.log_in(&mut browser, "/login/fake", "alice").await;
    assert_eq!(browser.get("/cart").await.text, "");
}

#[tokio::test]
async fn a_provider_without_openid_says_that_it_cannot_confirm_it() {
    let clock = FrozenClock::at(NOON);
    let replies = |request: http::Request<Vec<u8>>| async move {
        let body = match request.uri().path() {
            "/login/oauth/access_token" => json!({"access_token": "t", "token_type": "bearer"}),
            "/user" => json!({"id": 7, "login": "octocat", "name": null, "avatar_url": null}),
            _ => json!([]),
        };
        Ok(Response::new(body.to_string().into_bytes()))
    };
    let github = || Login::provider(providers::GITHUB, "me", "secret").unwrap().with_http_client(replies);
    let log_in = |app: guarded::App| async move {
        let mut browser = Browser::new(&app);
        let started = browser.post("/login/github", "next=/pay").await;
        let state = started.location().split("&state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let address =
            format!("/login/github/callback?code=c&state={state}&iss=https://github.com/login/oauth");
        let done = browser.get(&address).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        browser
    };
    let mut browser = log_in(application([github()], &clock)).await;
    assert_eq!(browser.get("/me").await.text, "7");
    assert_eq!(
        browser.get("/pay").await.status,
        StatusCode::UNAUTHORIZED,
        "nothing says when the user was there"
    );
    for demand in ["max_age=600", "acr_values=phr"] {
        let page = browser.post(&format!("/login/github?{demand}"), "next=/pay").await;
        assert_eq!((page.status, page.code()), (StatusCode::FORBIDDEN, "step_up_unsupported"), "{demand}");
        assert!(page.location().is_empty() && page.text.contains("cannot confirm"), "{}", page.text);
        assert_eq!(browser.attempts(), 0);
    }
    // An application may accept less; a context is never made up.
    let mut browser = log_in(application([github().with_insecure_time_of_log_in()], &clock)).await;
    assert_eq!(browser.get("/pay").await.text, "7 pays");
    let started = browser.post("/login/github?max_age=600", "next=/pay").await;
    assert_eq!(started.status, StatusCode::SEE_OTHER);
    assert!(!started.location().contains("max_age"), "{}", started.location());
    let page = browser.post("/login/github?acr_values=phr", "next=/sign").await;
    assert_eq!(page.code(), "step_up_unsupported");
}

#[tokio::test]
async fn a_provider_that_does_not_say_when_the_user_was_there_is_not_believed() {
    let setup = Setup::new().await;
    setup.state(json!({"auth_time": null}));
    let mut browser = setup.signed_in("alice").await;
    assert_eq!(browser.get("/pay").await.status, StatusCode::UNAUTHORIZED);
    let lenient = setup_with(Login::with_insecure_time_of_log_in).await;
    lenient.state(json!({"auth_time": null}));
    let mut browser = lenient.signed_in("alice").await;
    assert_eq!(browser.get("/pay").await.text, "alice pays");
}

/// Both providers state `phr`, and the application trusts one of them for it.
#[tokio::test]
async fn a_context_counts_only_from_a_provider_that_is_trusted_for_it() {
    let clock = FrozenClock::at(NOON);
    let start = async || {
        let provider = FakeProvider::start([FakeUser::new("alice").with_acr("phr")]).await.unwrap();
        provider.with_clock(clock.clone())
    };
    let (strong, weak) = (start().await, start().await);
    let sign_in = async |ways: [Login; 2]| {
        let app = application(ways, &clock);
        let mut statuses = Vec::new();
        for (provider, id) in [(&strong, "strong"), (&weak, "weak")] {
            let mut browser = Browser::new(&app);
            let started = browser.post(&format!("/login/{id}"), "next=/sign").await;
            let done = browser.come_back(&provider.sign_in(started.location(), "alice").unwrap()).await;
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
            statuses.push(browser.get("/sign").await.status.as_u16());
            // A provider that is not trusted is not even asked.
            let page = browser.post(&format!("/login/{id}?acr_values=phr"), "next=/sign").await;
            statuses.push(page.status.as_u16());
        }
        statuses
    };
    let ways = || [strong.login("strong").unwrap(), weak.login("weak").unwrap()];
    assert_eq!(sign_in(ways()).await, [401, 403, 401, 403], "with two providers, none is trusted by default");
    let [strong_way, weak_way] = ways();
    let statuses = sign_in([strong_way.with_trusted_acr(["phr"]), weak_way]).await;
    assert_eq!(statuses, [200, 303, 401, 403]);
    // What is demanded of every log-in counts, too.
    let [strong_way, weak_way] = ways();
    let statuses = sign_in([strong_way.with_acr_values(["phr"]), weak_way.with_trusted_acr(["pwd"])]).await;
    assert_eq!(statuses, [200, 303, 401, 403]);
}

#[tokio::test]
async fn an_encrypted_cookie_carries_it_too() {
    let clock = FrozenClock::at(NOON);
    let users = [FakeUser::new("alice").with_acr("phrh")];
    let provider = Arc::new(FakeProvider::start(users).await.unwrap().with_clock(clock.clone()));
    let logins = Logins::new("https://app.example.com").unwrap().with_clock(clock.clone());
    let login = logins
        .provider(provider.login("fake").unwrap())
        .unwrap()
        .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
    let auth = AuthLayer::new(EncryptedCookie::new(KeyRing::random())).with_clock(clock);
    let app = guarded::Router::new()
        .route("/sign", get(sign))
        .route("/pay", post(pay))
        .merge(login.routes())
        .with_auth(auth);
    let mut browser = Browser::new(&app);
    let started = browser.post("/login/fake", "next=/sign").await;
    browser.come_back(&provider.sign_in(started.location(), "alice").unwrap()).await;
    assert_eq!(browser.get("/sign").await.text, "alice signs");
    assert_eq!(browser.post("/pay", "").await.text, "alice pays");
}

/// Anonymous input: the longest attempt fits into a cookie, and where an address would be too long, the redirect
/// target is lost and never what the log-in has to be.
#[tokio::test]
async fn the_longest_demand_and_target_fit_into_an_attempt() {
    let setup = Setup::new().await;
    let acr = |count: usize, length: usize| {
        let values: Vec<String> = (0..count).map(|n| n.to_string().repeat(length)).collect();
        values.join("+")
    };
    let target = format!("/me?{}", "a".repeat(2_040));
    // The longest list that is read, and one that is not.
    for (list, is_read) in [(acr(4, 127), true), (acr(8, 128), false)] {
        let query = format!("max_age=0&acr_values={list}");
        let mut browser = Browser::new(&setup.app);
        let page = browser.get(&format!("/login?{query}")).await;
        let action =
            format!("action=\"/login/fake?max_age=0{}", if is_read { "&amp;acr_values=" } else { "\"" });
        assert!(page.text.contains(&action), "{}", page.text);
        let started = browser.post(&format!("/login/fake?{query}"), &format!("next={target}")).await;
        assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.text);
        assert!(started.location().contains("max_age=0"), "{}", started.location());
        assert_eq!(started.location().contains("acr_values="), is_read, "{}", started.location());
    }
    // The attempt of a step-up names the user, whose id is as long as ids can be.
    let user = "u".repeat(255);
    setup.provider.tamper({
        let user = user.clone();
        move |step| match step {
            Step::Claims { claims, .. } => {
                claims.insert("sub".to_owned(), json!(user));
                claims.insert("acr".to_owned(), json!("0".repeat(127)));
            }
            Step::Response { path: "/userinfo", response } => {
                *response.body_mut() = json!({"sub": user}).to_string().into_bytes();
            }
            _ => {}
        }
    });
    let mut browser = Browser::new(&setup.app);
    let log_in = async |browser: &mut Browser, query: &str| {
        let started = browser.post(&format!("/login/fake{query}"), &format!("next={target}")).await;
        assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.text);
        browser.come_back(&setup.provider.sign_in(started.location(), "alice").unwrap()).await
    };
    let done = log_in(&mut browser, "").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, target.as_str()), "{}", done.text);
    let done = log_in(&mut browser, &format!("?acr_values={}", acr(4, 127))).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, target.as_str()), "{}", done.text);
    // A page about a failure links the other ways to log in, with what the page asks for.
    for (length, link) in [(1, "\"/login?next=%2Fme%3F%26&amp;max_age=0\""), (1_500, "\"/login?max_age=0\"")]
    {
        let form = format!("next=/me?{}", "%26".repeat(length));
        let failed = browser.post("/login/unknown?max_age=0", &form).await;
        assert!(failed.text.contains(link), "{}", failed.text);
    }
}
