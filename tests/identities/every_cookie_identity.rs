//! What every policy with a cookie promises beside the suite of `testing::conformance!`: several changes in one request, other
//! sites, bad neighbours, renewal until the end.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::time::Duration;

use auth_runtime::{
    ApiKey, Auth, AuthError, AuthLayer, Basic, EncryptedCookie, FirstOf, Identity, IdentityPolicy, KeyRing,
    LoginOptions, TicketCookie, UserId, auth_required,
    identity::{MemoryApiKeys, Password},
    testing::FrozenClock,
};
use axum::{
    Router,
    http::{Request, StatusCode, header, request::Builder},
    routing::{any, post},
};

use crate::support::{self, Answer};

const NOON: u64 = 1_700_000_000;

async fn maybe(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

#[auth_required]
async fn profile(user: UserId) -> String {
    user.to_string()
}

async fn user(auth: &Auth) -> Result<String, AuthError> {
    Ok(auth.user_id().await?.map_or_else(|| "anonymous".to_owned(), |user| user.to_string()))
}

/// Does what the path says, word by word, and tells who the user was after each: `alice.out.bob`.
async fn acts(
    auth: Auth,
    axum::extract::Path(words): axum::extract::Path<String>,
) -> Result<(StatusCode, String), AuthError> {
    let mut status = StatusCode::OK;
    let mut told = vec![user(&auth).await?];
    for word in words.split('.') {
        match word {
            "out" => auth.forget().await?,
            "rotate" => auth.rotate().await?,
            "fail" => status = StatusCode::BAD_REQUEST,
            "hour" => {
                let hour = LoginOptions::new().with_lifetime(Duration::from_hours(1));
                auth.remember_with("hourly", &hour).await?;
            }
            word => auth.remember(word).await?,
        }
        told.push(user(&auth).await?);
    }
    Ok((status, told.join(", ")))
}

/// A browser and the site it visits.
struct Visit {
    app: Router,
    clock: FrozenClock,
    cookies: Vec<String>,
}

impl Visit {
    fn new(policy: impl IdentityPolicy) -> Self {
        let clock = FrozenClock::at(NOON);
        let app = Router::new()
            .route("/maybe", any(maybe))
            .route("/profile", any(profile))
            .route("/acts/{words}", post(acts))
            .route("/plain", any(|| async { "plain" }))
            .layer(AuthLayer::new(policy).with_clock(clock.clone()));
        Self { app, clock, cookies: Vec::new() }
    }

    async fn send(&mut self, mut request: Builder) -> Answer {
        if !self.cookies.is_empty() {
            request = request.header(header::COOKIE, self.cookies.join("; "));
        }
        let answer = support::ask(&self.app, request).await;
        for cookie in answer.cookies() {
            let name = cookie.split_inclusive('=').next().unwrap_or_default().to_owned();
            self.cookies.retain(|kept| !kept.starts_with(&name));
            if cookie.len() > name.len() {
                self.cookies.push(cookie);
            }
        }
        answer
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path)).await
    }

    async fn acts(&mut self, words: &str) -> Answer {
        self.send(Request::post(format!("/acts/{words}"))).await
    }

    async fn who(&mut self) -> String {
        self.get("/maybe").await.text().to_owned()
    }
}

/// Checks a policy. Its sessions live for at least two and at most twelve hours without requests, for seven days at most,
/// and are renewed when eight tenths of that time are over.
async fn check<P: IdentityPolicy>(policy: impl Fn() -> P) {
    the_user_is_known_until_the_log_out(Visit::new(policy())).await;
    the_last_change_wins(Visit::new(policy())).await;
    a_refused_request_gets_nothing(Visit::new(policy())).await;
    another_site_changes_nothing(Visit::new(policy())).await;
    malformed_cookies_are_anonymous(Visit::new(policy())).await;
    renewal_ends_at_the_absolute_limit(Visit::new(policy())).await;
}

async fn the_user_is_known_until_the_log_out(mut visit: Visit) {
    assert_eq!(visit.who().await, "anonymous");
    assert_eq!(visit.get("/profile").await.status, StatusCode::UNAUTHORIZED);
    let login = visit.acts("alice").await;
    assert_eq!(login.text(), "anonymous, alice");
    assert_eq!(login.header("cache-control"), "private, no-store");
    for line in login.headers.get_all(header::SET_COOKIE) {
        let line = line.to_str().unwrap();
        assert!(
            line.contains("HttpOnly") && line.contains("Secure") && line.contains("SameSite=Lax"),
            "{line}"
        );
        assert!(!line.contains("alice"), "{line}");
    }
    let profile = visit.get("/profile").await;
    assert_eq!((profile.status, profile.text()), (StatusCode::OK, "alice"));
    assert!(profile.header("vary").split(", ").any(|name| name == "cookie"));
    assert!(profile.cookies().is_empty(), "nothing is written for nothing");
    assert_eq!(visit.get("/plain").await.header("vary"), "", "a request that asks nothing has no `Vary`");
    assert_eq!(visit.acts("out").await.text(), "alice, anonymous");
    assert!(visit.cookies.is_empty());
    assert_eq!(visit.who().await, "anonymous");
    assert_eq!(
        visit.acts("out").await.text(),
        "anonymous, anonymous",
        "a log-out of an anonymous client is not an error"
    );
}

async fn the_last_change_wins(mut visit: Visit) {
    assert_eq!(visit.acts("alice.bob").await.text(), "anonymous, alice, bob");
    assert_eq!(visit.who().await, "bob");
    assert_eq!(visit.acts("carol.out").await.text(), "bob, carol, anonymous");
    assert_eq!(visit.who().await, "anonymous");
    assert_eq!(visit.acts("alice.out.bob").await.text(), "anonymous, alice, anonymous, bob");
    assert_eq!(visit.acts("rotate").await.text(), "bob, bob");
    assert_eq!(visit.who().await, "bob");
    let answer = visit.acts("carol.fail").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(visit.who().await, "carol", "on every kind of response");
    visit.acts("hour").await;
    visit.clock.advance(Duration::from_mins(61));
    assert_eq!(visit.who().await, "anonymous");
}

async fn a_refused_request_gets_nothing(mut visit: Visit) {
    let answer = visit.get("/profile").await;
    assert!(answer.cookies().is_empty() && !answer.header("www-authenticate").is_empty());
}

async fn another_site_changes_nothing(mut visit: Visit) {
    let foreign = |path: &str| Request::post(path).header("sec-fetch-site", "cross-site");
    assert_eq!(visit.send(foreign("/acts/mallory")).await.status, StatusCode::FORBIDDEN);
    assert!(visit.cookies.is_empty());
    visit.acts("alice").await;
    for path in ["/profile", "/acts/out", "/acts/mallory"] {
        let answer = visit.send(foreign(path)).await;
        assert_eq!((answer.status, answer.cookies().len()), (StatusCode::FORBIDDEN, 0), "{path}");
    }
    assert_eq!(visit.who().await, "alice");
}

async fn malformed_cookies_are_anonymous(mut visit: Visit) {
    visit.acts("alice").await;
    let good = visit.cookies.clone();
    let (name, value) = good.first().and_then(|cookie| cookie.split_once('=')).unwrap();
    for junk in [
        "",
        "=",
        "\"",
        "AA",
        &value[1..],
        &value[..value.len() - 1],
        &"A".repeat(9000),
        &value.to_lowercase(),
    ] {
        visit.cookies = vec![format!("{name}={junk}")];
        assert_eq!(visit.who().await, "anonymous", "{junk}");
        visit.cookies = vec![format!("{name}={junk}")];
        assert_eq!(visit.get("/profile").await.status, StatusCode::UNAUTHORIZED);
    }
    visit.cookies = vec![format!("{name}=junk"), good.concat()];
    assert_eq!(visit.who().await, "alice", "a bad neighbour does not matter");
}

async fn renewal_ends_at_the_absolute_limit(mut visit: Visit) {
    visit.acts("alice").await;
    let mut hours = 0;
    let mut written = 0;
    while visit.who().await == "alice" {
        visit.clock.advance(Duration::from_hours(1));
        hours += 1;
        let answer = visit.get("/profile").await;
        written += answer.cookies().len();
    }
    assert_eq!(hours, 7 * 24, "busy until the end, and no longer");
    assert!(written > 10, "{written}");
}

#[tokio::test]
async fn tickets() {
    check(|| TicketCookie::new(KeyRing::random())).await;
}

#[tokio::test]
async fn encrypted_cookies() {
    check(|| EncryptedCookie::new(KeyRing::random())).await;
}

#[tokio::test]
async fn lists_of_policies() {
    let basic = || Basic::new(|name: String, _: Password| async move { Ok(Some(Identity::new(name)?)) });
    let keys = || ApiKey::new(MemoryApiKeys::new());
    let ticket = || TicketCookie::new(KeyRing::random());
    let encrypted = || EncryptedCookie::new(KeyRing::random());
    check(|| FirstOf::new(ticket())).await;
    check(|| FirstOf::new(ticket()).then(keys()).then(basic())).await;
    check(|| FirstOf::new(keys()).then_log_in(encrypted()).then(basic())).await;
    check(|| FirstOf::new(ticket()).then_log_in(encrypted())).await;
    check(|| FirstOf::new(FirstOf::new(keys()).then_log_in(encrypted())).then(ticket())).await;
}
