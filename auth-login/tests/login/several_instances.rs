//! Several instances of one application, and one that is started again.

use auth_login::{Login, Logins, Tokens, profile::Profile};
use auth_runtime::{
    AuthLayer, EncryptedCookie, KeyRing, UserId, auth_required,
    guarded::{self, get},
    testing::FrozenClock,
};
use http::StatusCode;

use super::{
    app_and_fake_provider::{NOON, provider},
    browser_with_cookies::Browser,
};

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

/// One instance of an application, with these keys.
fn instance(login: Login, clock: &FrozenClock, keys: &KeyRing) -> guarded::App {
    let logins = Logins::new("https://app.example.com").unwrap().with_clock(clock.clone());
    let routes = logins
        .with_keys(keys.clone())
        .provider(login)
        .unwrap()
        .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
    let auth = AuthLayer::new(EncryptedCookie::new(keys.clone())).with_clock(clock.clone());
    guarded::Router::new().route("/me", get(me)).merge(routes.routes()).with_auth(auth)
}

/// A key that is made anew at each start would log every user out.
#[tokio::test]
async fn a_restart_with_the_same_keys_ends_neither_attempts_nor_sessions() {
    let clock = FrozenClock::at(NOON);
    let provider = provider(&clock).await;
    let (keys, others) = (KeyRing::random(), KeyRing::random());
    let start = |keys: &KeyRing| instance(provider.login("fake").unwrap(), &clock, keys);
    let mut before = Browser::new(&start(&keys));
    let started = before.post("/login/fake", "next=/me").await;
    let callback = provider.sign_in(started.location(), "alice").unwrap();
    // Other keys open neither an attempt nor a session.
    assert_eq!(before.at(&start(&others)).come_back(&callback).await.code(), "attempt_missing");
    let mut after = before.at(&start(&keys));
    assert_eq!(after.come_back(&callback).await.location(), "/me");
    assert_eq!(after.at(&start(&keys)).get("/me").await.text, "alice");
    assert_eq!(after.at(&start(&others)).get("/me").await.status, StatusCode::UNAUTHORIZED);
}
