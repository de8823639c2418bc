//! Credentials that continue a log-in (log-out elsewhere, impersonation) neither outlive it nor make its
//! authentication recent (step-up bypass).

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unchecked_time_subtraction,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::time::Duration;

use auth_runtime::{
    ApiKey, Auth, AuthError, EncryptedCookie, FirstOf, Identity, IdentityPolicy, KeyRing, LoginOptions,
    SessionIdentity, TicketCookie, auth_required,
    clock::UnixTime,
    identity::{ApiKeyRecord, AuthTime, MemoryApiKeys},
    revocation::MemoryRevocation,
};
use axum::{
    Router,
    http::Request,
    routing::{get, post},
};

use crate::step_up_support::{Browser, NOON};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

#[auth_required]
async fn profile() -> &'static str {
    "passed"
}

#[auth_required(fresh = "10m")]
async fn recent() -> &'static str {
    "passed"
}

#[auth_required(acr = "phr")]
async fn strong() -> &'static str {
    "passed"
}

async fn login_end(auth: Auth) -> Result<String, AuthError> {
    let (id, ends) = (auth.login_id().await?, auth.login_ends().await?);
    Ok(format!("{:?} {:?}", id.map(|id| id.to_string()), ends.map(UnixTime::as_secs)))
}

async fn elsewhere(auth: Auth) -> Result<(), AuthError> {
    auth.log_out_elsewhere(&LoginOptions::new()).await
}

/// The handler has just verified a password.
async fn elsewhere_by_password(auth: Auth) -> Result<(), AuthError> {
    auth.log_out_elsewhere(&LoginOptions::new().with_auth_time(AuthTime::LogIn)).await
}

fn browser_with(policy: impl IdentityPolicy) -> Browser {
    let routes = Router::new()
        .route("/profile", get(profile))
        .route("/recent", get(recent))
        .route("/strong", get(strong))
        .route("/login-end", get(login_end))
        .route("/elsewhere", post(elsewhere))
        .route("/elsewhere-by-password", post(elsewhere_by_password));
    Browser::new(policy, routes, |layer, clock| {
        layer.with_revocation(MemoryRevocation::new().with_clock(clock))
    })
}

/// Uses the credential so often that it does not become idle.
async fn stays(browser: &mut Browser, hours: u32) {
    for hour in 0..hours {
        browser.clock.advance(HOUR);
        assert_eq!(browser.status("/profile").await, 200, "{hour}");
    }
}

async fn ends_with_its_log_in<P: IdentityPolicy>(policy: impl Fn() -> P) {
    for changes in [
        &["/elsewhere"] as &[&str],
        &["/elsewhere", "/elsewhere", "/rotate"],
        &["/elsewhere", "/impersonate"],
        &["/elsewhere", "/impersonate", "/rotate", "/stop"],
        &["/rotate", "/impersonate", "/stop", "/elsewhere-by-password"],
    ] {
        let mut browser = browser_with(policy());
        browser.post_and_wait("/login/named").await;
        let named = browser.send(Request::get("/login-end")).await.text().to_owned();
        assert_eq!(named, format!("Some(\"the log-in\") Some({})", NOON + 7 * DAY.as_secs()));
        stays(&mut browser, 6 * 24).await;
        for change in changes {
            browser.post_and_wait(change).await;
            assert_eq!(browser.send(Request::get("/login-end")).await.text(), named, "{change}");
        }
        stays(&mut browser, 23).await;
        // Every change took a second, and so did the log-in.
        let changed = u64::try_from(changes.len()).unwrap() + 1;
        browser.clock.advance(HOUR - Duration::from_secs(1 + changed));
        assert_eq!(browser.status("/profile").await, 200, "{changes:?}");
        browser.clock.advance(Duration::from_secs(1));
        assert_eq!(browser.status("/profile").await, 401, "{changes:?}");
    }
    // A log-in without an id begins again, as the documentation says.
    let mut browser = browser_with(policy());
    browser.post_and_wait("/login/strong").await;
    stays(&mut browser, 6 * 24).await;
    browser.post_and_wait("/elsewhere").await;
    stays(&mut browser, 2 * 24).await;
}

#[tokio::test]
async fn an_encrypted_cookie_ends_with_its_log_in() {
    ends_with_its_log_in(|| EncryptedCookie::new(KeyRing::random())).await;
}

#[tokio::test]
async fn a_session_ends_with_its_log_in() {
    ends_with_its_log_in(|| SessionIdentity::memory().with_idle_limit(2 * HOUR).with_absolute_limit(7 * DAY))
        .await;
}

async fn stays_as_old<P: IdentityPolicy>(policy: impl Fn() -> P) {
    for how in ["strong", "earlier", "unknown"] {
        let mut browser = browser_with(policy());
        browser.post_and_wait(&format!("/login/{how}")).await;
        if how == "strong" {
            // Recent until ten minutes after the log-in, and not after the log-out elsewhere.
            browser.clock.advance(Duration::from_mins(9));
            browser.post_and_wait("/elsewhere").await;
            assert_eq!(browser.status("/recent").await, 200);
            browser.clock.advance(Duration::from_mins(2));
        }
        for change in ["/rotate", "/elsewhere", "/rotate", "/impersonate", "/rotate", "/stop", "/elsewhere"] {
            assert_eq!(browser.status("/recent").await, 401, "{how}, before {change}");
            browser.post_and_wait(change).await;
            assert_eq!(browser.status("/recent").await, 401, "{how}, {change}");
            assert_eq!(browser.status("/strong").await, 200, "{how}, {change}");
        }
        // An authentication that the handler states counts, and nothing of the one before.
        browser.post_and_wait("/elsewhere-by-password").await;
        assert_eq!((browser.status("/recent").await, browser.status("/strong").await), (200, 401), "{how}");
    }
}

#[tokio::test]
async fn an_authentication_stays_as_old_as_it_is() {
    stays_as_old(|| TicketCookie::new(KeyRing::random())).await;
    stays_as_old(|| EncryptedCookie::new(KeyRing::random())).await;
    stays_as_old(SessionIdentity::memory).await;
}

// The holder of an API key has not authenticated at any known time.
#[tokio::test]
async fn an_api_key_does_not_become_a_recent_log_in() {
    let keys = MemoryApiKeys::new();
    let alice = Identity::new("alice").unwrap();
    let (key, record) = ApiKeyRecord::issue("shop", alice, UnixTime::from_secs(NOON)).unwrap();
    keys.add(record);
    let policy = FirstOf::new(ApiKey::new(keys)).then_log_in(EncryptedCookie::new(KeyRing::random()));
    let mut browser = browser_with(policy);
    let answer = browser.send(Request::post("/elsewhere").header("x-api-key", key.expose())).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(browser.status("/profile").await, 200);
    assert_eq!(browser.status("/recent").await, 401);
}
