//! Attempts to log in are limited: by account and client, by client, and by known device; no client can lock
//! out others.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Answer, Auth, AuthError, AuthErrorKind, AuthLayer, BoxError, KeyRing, Refusal, TicketCookie,
    auth_required,
    clock::UnixTime,
    identity::client_address::ClientAddress,
    testing::FrozenClock,
    throttle::{Counter, Limit, MemoryThrottle, Standing, Throttle, ThrottleStore},
};
use axum::{
    Extension, Router,
    body::Body,
    extract::{ConnectInfo, Path},
    http::{Request, StatusCode, header},
    routing::{get, post},
};
use tower::ServiceExt as _;

use crate::support::{self, Log, send};

const NOON: u64 = 1_700_000_000;
const HOME: &str = "192.0.2.1";
const ELSEWHERE: &str = "198.51.100.7";

/// How many passwords were verified.
type Verified = Arc<AtomicU32>;

async fn login(
    auth: Auth,
    Path((name, password)): Path<(String, String)>,
    Extension(verified): Extension<Verified>,
) -> Result<(), AuthError> {
    let attempt = auth.begin_log_in(&name).await?;
    verified.fetch_add(1, Ordering::SeqCst);
    tokio::task::yield_now().await;
    if password == "never" {
        std::future::pending::<()>().await;
    }
    if password != "right" || name == "ghost" {
        return Err(AuthError::unauthenticated());
    }
    attempt.succeed().await?;
    auth.remember(&name).await
}

#[auth_required]
async fn profile() {}

struct Site {
    app: Router,
    clock: FrozenClock,
    verified: Verified,
}

/// One log-in that is sent.
#[derive(Clone)]
struct Login<'a> {
    from: &'a str,
    cookie: Option<&'a str>,
    forwarded: Option<&'a str>,
}

const fn from(from: &str) -> Login<'_> {
    Login { from, cookie: None, forwarded: None }
}

impl Site {
    fn new(throttle: Throttle) -> Self {
        Self::with(AuthLayer::new(TicketCookie::new(KeyRing::random())).with_throttle(throttle))
    }

    fn with(layer: AuthLayer) -> Self {
        let (clock, verified) = (FrozenClock::at(NOON), Verified::default());
        let app = Router::new()
            .route("/login/{name}/{password}", post(login))
            .route("/profile", get(profile))
            .layer(layer.with_clock(clock.clone()))
            .layer(Extension(Arc::clone(&verified)));
        Self { app, clock, verified }
    }

    async fn try_it(&self, login: &Login<'_>, name: &str, password: &str) -> support::Answer {
        send(&self.app, posted(login, name, password)).await
    }

    async fn status(&self, login: &Login<'_>, name: &str, password: &str) -> u16 {
        self.try_it(login, name, password).await.status.as_u16()
    }

    /// Fails so many times, and returns the statuses.
    async fn fail(&self, login: &Login<'_>, name: &str, times: usize) -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..times {
            statuses.push(self.status(login, name, "wrong").await);
        }
        statuses
    }

    fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    fn verified(&self) -> u32 {
        self.verified.swap(0, Ordering::SeqCst)
    }
}

fn posted(login: &Login<'_>, name: &str, password: &str) -> Request<Body> {
    let mut request = Request::post(format!("/login/{name}/{password}"));
    for (header, value) in [("cookie", login.cookie), ("x-forwarded-for", login.forwarded)] {
        if let Some(value) = value {
            request = request.header(header, value);
        }
    }
    let peer = SocketAddr::new(login.from.parse().unwrap(), 50_000);
    request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap()
}

fn throttle() -> Throttle {
    Throttle::new(MemoryThrottle::new())
}

#[tokio::test]
async fn after_five_failures_each_further_attempt_has_to_wait_for_twice_as_long() {
    let site = Site::new(throttle());
    assert_eq!(site.fail(&from(HOME), "alice", 5).await, [401; 5]);
    for pause in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
        site.verified();
        let denied = site.try_it(&from(HOME), "alice", "right").await;
        assert_eq!(denied.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(denied.header("retry-after"), pause.to_string());
        assert_eq!(denied.header("content-type"), "application/problem+json");
        assert_eq!(denied.header("cache-control"), "no-store");
        assert!(denied.text().contains("Too Many Requests") && denied.cookies().is_empty());
        if pause > 1 {
            site.wait(pause - 1);
            assert_eq!(site.status(&from(HOME), "alice", "right").await, 429, "a second too early");
            site.wait(1);
        } else {
            site.wait(1);
        }
        assert_eq!(site.verified(), 0, "beyond the limit no password is verified");
        assert_eq!(site.status(&from(HOME), "alice", "wrong").await, 401);
    }
    site.wait(900);
    assert_eq!(site.status(&from(HOME), "alice", "right").await, 200);
    // The success has ended the series.
    assert_eq!(site.fail(&from(HOME), "alice", 6).await, [401, 401, 401, 401, 401, 429]);
}

#[tokio::test]
async fn a_series_of_failures_is_forgotten_after_a_day() {
    let site = Site::new(throttle());
    site.fail(&from(HOME), "alice", 5).await;
    site.wait(24 * 3600);
    assert_eq!(
        site.fail(&from(HOME), "alice", 2).await,
        [401, 429],
        "the pause ended a second less than a day ago"
    );
    site.wait(24 * 3600 + 2);
    assert_eq!(site.fail(&from(HOME), "alice", 5).await, [401; 5]);
}

// User enumeration: byte for byte the same for an account that does not exist.
#[tokio::test]
async fn accounts_that_do_not_exist_are_counted_like_others() {
    let site = Site::new(throttle());
    let mut seen = Vec::new();
    for name in ["alice", "ghost"] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            let answer = site.try_it(&from(HOME), name, "wrong").await;
            answers.push((answer.status, answer.headers, answer.body));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn names_that_an_application_may_take_for_one_are_one_account() {
    let site = Site::new(throttle());
    let mut statuses = Vec::new();
    for name in ["alice", "Alice", "ALICE", "%20alice", "alice%20", "aLICE"] {
        statuses.push(site.status(&from(HOME), name, "wrong").await);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
    assert_eq!(site.status(&from(HOME), "alicia", "wrong").await, 401);
}

#[tokio::test]
async fn names_that_differ_in_case_are_counted_apart_if_the_application_says_so() {
    let site = Site::new(throttle().with_exact_names());
    for name in ["alice", "Alice", "%20alice"] {
        assert_eq!(site.fail(&from(HOME), name, 6).await, [401, 401, 401, 401, 401, 429], "{name}");
    }
    // A success with one name does not end the series of another.
    assert_eq!(site.status(&from(HOME), "ALICE", "right").await, 200);
    assert_eq!(site.status(&from(HOME), "alice", "right").await, 429);
}

/// One address that names many accounts resets neither its own pause nor that of another one.
#[tokio::test]
async fn a_client_that_names_many_accounts_resets_no_pause() {
    let wide = throttle().with_client_limit(Limit::rate(10_000, Duration::from_secs(10)));
    let site = Site::new(wide.with_account_limit(Limit::rate(20, Duration::from_hours(1))));
    site.fail(&from(HOME), "alice", 5).await;
    site.wait(1);
    assert_eq!(site.status(&from(HOME), "alice", "wrong").await, 401);
    assert_eq!(site.status(&from(HOME), "alice", "wrong").await, 429, "a pause of two seconds");
    for at in 0..2000 {
        assert_eq!(site.status(&from(HOME), &format!("account{at}"), "wrong").await, 401, "{at}");
    }
    assert_eq!(site.status(&from(HOME), "alice", "right").await, 429);
    assert_eq!(site.status(&from(ELSEWHERE), "alice", "right").await, 200);
}

// The attacker knows the name of the account, and nothing else.
#[tokio::test]
async fn the_failures_of_one_client_do_not_lock_an_account_for_another_client() {
    let site = Site::new(throttle());
    for _ in 0..100 {
        site.status(&from(ELSEWHERE), "alice", "wrong").await;
    }
    assert_eq!(site.status(&from(ELSEWHERE), "alice", "wrong").await, 429);
    assert_eq!(site.status(&from(HOME), "alice", "right").await, 200);
}

#[tokio::test]
async fn a_known_device_gets_in_while_an_attacker_has_the_same_address() {
    let site = Site::new(throttle().with_known_devices(KeyRing::random()));
    let answer = site.try_it(&from(HOME), "alice", "right").await;
    let line = answer.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    let line = line.filter(|line| line.starts_with("__Host-device=")).collect::<Vec<_>>();
    assert_eq!(line.len(), 1, "{answer:?}");
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=7776000"] {
        assert!(line[0].contains(attribute), "{line:?}");
    }
    let cookies = answer.cookies();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("__Host-auth=")), "the log-in has its own cookie");
    let device = cookies.iter().find(|cookie| cookie.starts_with("__Host-device=")).unwrap();
    let known = Login { cookie: Some(device), ..from(HOME) };

    // The attacker uses up the limit of the account and of the client.
    for name in (0..10).map(|at| format!("user{at}")).chain(["alice".to_owned()]) {
        site.fail(&from(HOME), &name, 6).await;
    }
    assert_eq!(site.status(&from(HOME), "alice", "right").await, 429);
    let answer = site.try_it(&known, "alice", "right").await;
    assert_eq!(answer.status, StatusCode::OK);

    // Its own failures count, wherever it is, and it keeps its id when the cookie is renewed.
    let renewed = answer.cookies().into_iter().find(|cookie| cookie.starts_with("__Host-device=")).unwrap();
    let elsewhere = Login { cookie: Some(device), ..from(ELSEWHERE) };
    assert_eq!(site.fail(&known, "alice", 3).await, [401; 3]);
    assert_eq!(site.fail(&elsewhere, "alice", 3).await, [401, 401, 429]);
    assert_eq!(site.status(&Login { cookie: Some(&renewed), ..from(HOME) }, "alice", "right").await, 429);
    // It is not known for another account, and neither is a cookie that was changed, or is old.
    site.wait(1);
    assert_eq!(site.status(&known, "user3", "right").await, 429);
    let forged = format!("{}A", &device[..device.len() - 1]);
    let forged = if forged == *device { format!("{}B", &device[..device.len() - 1]) } else { forged };
    assert_eq!(site.status(&Login { cookie: Some(&forged), ..from(HOME) }, "alice", "right").await, 429);
    assert_eq!(site.status(&known, "alice", "right").await, 200);
    site.wait(90 * 24 * 3600);
    site.fail(&from(HOME), "alice", 6).await;
    assert_eq!(site.status(&known, "alice", "right").await, 429, "after 90 days it is not known any more");
}

#[tokio::test]
async fn without_known_devices_no_cookie_is_set() {
    let site = Site::new(throttle());
    let answer = site.try_it(&from(HOME), "alice", "right").await;
    assert_eq!(answer.cookies().len(), 1, "{answer:?}");
}

// Credential stuffing: one client, many accounts.
#[tokio::test]
async fn one_client_has_a_limit_for_all_accounts_and_its_successes_do_not_count() {
    let site = Site::new(throttle());
    for at in 0..100 {
        assert_eq!(site.status(&from(HOME), &format!("pupil{at}"), "right").await, 200, "{at}");
    }
    for at in 0..30 {
        assert_eq!(site.status(&from(HOME), &format!("user{at}"), "wrong").await, 401, "{at}");
    }
    let denied = site.try_it(&from(HOME), "user30", "right").await;
    assert_eq!((denied.status.as_u16(), denied.header("retry-after")), (429, "20".to_owned()));
    assert_eq!(site.status(&from(ELSEWHERE), "user30", "right").await, 200);
    site.wait(20);
    assert_eq!(site.status(&from(HOME), "user31", "wrong").await, 401);
    assert_eq!(site.status(&from(HOME), "user32", "wrong").await, 429);
}

// Distributed guessing: many clients, one account.
#[tokio::test]
async fn an_account_has_a_limit_for_unknown_devices_if_the_application_says_so() {
    let limited = throttle()
        .with_account_limit(Limit::rate(20, Duration::from_hours(1)))
        .with_known_devices(KeyRing::random());
    let site = Site::new(limited);
    let cookies = site.try_it(&from(HOME), "alice", "right").await.cookies();
    let device = cookies.iter().find(|cookie| cookie.starts_with("__Host-device=")).unwrap();
    let attacker = |at: usize| format!("198.51.100.{at}");
    for at in 0..20 {
        assert_eq!(site.status(&from(&attacker(at)), "alice", "wrong").await, 401, "{at}");
    }
    assert_eq!(site.status(&from(&attacker(20)), "alice", "wrong").await, 429);
    assert_eq!(site.status(&from(&attacker(20)), "bob", "wrong").await, 401);
    assert_eq!(site.status(&Login { cookie: Some(device), ..from(HOME) }, "alice", "right").await, 200);

    // By default there is none.
    let site = Site::new(throttle());
    for at in 0..200 {
        assert_eq!(site.status(&from(&attacker(at)), "alice", "wrong").await, 401, "{at}");
    }
}

#[tokio::test]
async fn limits_are_what_the_application_says() {
    let secs = Duration::from_secs;
    let limited = throttle()
        .with_attempt_limit(Limit::delays(2, secs(30), secs(60)))
        .with_client_limit(Limit::rate(3, secs(3600)));
    let site = Site::new(limited);
    assert_eq!(site.fail(&from(HOME), "alice", 3).await, [401, 401, 429]);
    assert_eq!(site.fail(&from(HOME), "bob", 2).await, [401, 429]);
}

#[tokio::test]
async fn a_forwarded_address_counts_only_if_a_named_proxy_sends_it() {
    let spoofed = |at: usize| format!("203.0.113.{at}");
    let site = Site::new(throttle());
    let mut statuses = Vec::new();
    for at in 0..6 {
        let address = spoofed(at);
        let login = Login { forwarded: Some(&address), ..from(HOME) };
        statuses.push(site.status(&login, "alice", "wrong").await);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429], "a client cannot change its address");

    let proxy = "10.0.0.9";
    let site = Site::new(throttle().with_client_address(ClientAddress::behind(["10.0.0.0/8"]).unwrap()));
    let behind = |address| Login { forwarded: Some(address), ..from(proxy) };
    site.fail(&behind("203.0.113.1"), "alice", 5).await;
    assert_eq!(site.status(&behind("203.0.113.1"), "alice", "right").await, 429);
    assert_eq!(
        site.status(&behind("9.9.9.9, 203.0.113.1"), "alice", "right").await,
        429,
        "from right to left"
    );
    assert_eq!(site.status(&behind("203.0.113.2"), "alice", "right").await, 200);
    assert_eq!(site.status(&from(HOME), "alice", "right").await, 200);
    // Without a header the address of the proxy counts.
    assert_eq!(site.fail(&from(proxy), "bob", 6).await, [401, 401, 401, 401, 401, 429]);
}

#[tokio::test]
async fn all_addresses_of_one_ipv6_network_are_one_client() {
    for proxies in [ClientAddress::peer(), ClientAddress::behind(["10.0.0.0/8"]).unwrap()] {
        let site = Site::new(throttle().with_client_address(proxies));
        for at in 1..=5 {
            assert_eq!(site.status(&from(&format!("2001:db8::{at}")), "alice", "wrong").await, 401);
        }
        assert_eq!(site.status(&from("2001:db8::ffff:1:2:3"), "alice", "wrong").await, 429);
        assert_eq!(site.status(&from("2001:db8:0:1::1"), "alice", "wrong").await, 401);
        assert_eq!(site.status(&from("::ffff:192.0.2.1"), "alice", "wrong").await, 401);
    }
}

#[tokio::test]
async fn without_an_address_or_a_throttle_a_log_in_is_a_500_that_says_what_to_write() {
    let nowhere = Request::post("/login/alice/right").body(Body::empty()).unwrap();
    let site = Site::new(throttle());
    let (answer, events) = Log::of(send(&site.app, nowhere)).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(events.iter().any(|event| event.field("error").contains("into_make_service_with_connect_info")));

    let site = Site::with(AuthLayer::new(TicketCookie::new(KeyRing::random())));
    let (answer, events) = Log::of(site.try_it(&from(HOME), "alice", "right")).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(events.iter().any(|event| event.field("error").contains("AuthLayer::with_throttle")));
    assert_eq!(site.verified(), 0);
}

// Otherwise any page could lock its visitors out, from their own addresses.
#[tokio::test]
async fn a_cross_site_request_is_not_counted() {
    let site = Site::new(throttle());
    for _ in 0..20 {
        let mut request = posted(&from(HOME), "alice", "wrong");
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        assert_eq!(send(&site.app, request).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(site.status(&from(HOME), "alice", "right").await, 200);
}

#[tokio::test]
async fn an_attempt_that_is_given_up_stays_counted() {
    let site = Site::new(throttle());
    for _ in 0..5 {
        let request = site.app.clone().oneshot(posted(&from(HOME), "alice", "never"));
        let mut request = Box::pin(request);
        while site.verified() == 0 {
            assert!(futures_util::poll!(&mut request).is_pending());
        }
        drop(request);
    }
    assert_eq!(site.status(&from(HOME), "alice", "right").await, 429);
}

#[tokio::test]
async fn of_many_attempts_at_the_same_time_no_more_are_verified_than_one_after_another() {
    let site = Site::new(throttle());
    let attempts = (0..100).map(|_| send(&site.app, posted(&from(HOME), "alice", "wrong")));
    let answers = futures_util::future::join_all(attempts).await;
    assert_eq!(site.verified(), 5);
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS).count(), 95);
}

/// Is unavailable.
struct Down;

impl ThrottleStore for Down {
    fn take<'a>(&'a self, _: &'a [Counter], _: UnixTime) -> Answer<'a, Result<Standing, BoxError>> {
        Answer::Now(Err("the counters are gone".into()))
    }

    fn look<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<Standing, BoxError>> {
        self.take(counters, now)
    }

    fn succeed<'a>(&'a self, _: &'a [Counter], _: UnixTime) -> Answer<'a, Result<(), BoxError>> {
        Answer::Now(Err("the counters are gone".into()))
    }
}

#[tokio::test]
async fn without_its_store_no_attempt_is_allowed() {
    let site = Site::new(Throttle::new(Down));
    let (answer, events) = Log::of(site.try_it(&from(HOME), "alice", "right")).await;
    assert_eq!((answer.status, site.verified()), (StatusCode::SERVICE_UNAVAILABLE, 0));
    assert!(events.iter().any(|event| event.message == "failed" && event.field("operation") == "throttle"));
    assert_eq!(
        support::get(&site.app, "/profile").await.status,
        StatusCode::UNAUTHORIZED,
        "other routes go on"
    );
}

#[tokio::test]
async fn an_event_says_what_was_limited_and_neither_the_name_nor_the_address() {
    let site = Site::new(throttle());
    site.fail(&from(HOME), "alice", 5).await;
    let (_, events) = Log::of(site.try_it(&from(HOME), "alice", "right")).await;
    let throttled: Vec<_> = events.iter().filter(|event| event.message == "throttled").collect();
    assert_eq!(throttled.len(), 1);
    assert_eq!((throttled[0].field("what"), throttled[0].field("wait")), ("log-in", "1"));
    assert!(events.iter().all(|event| event.message != "bad credential"), "{events:?}");
    let text = format!("{events:?}{:?}", throttle());
    assert!(!text.contains("alice") && !text.contains(HOME), "{text}");
}

#[tokio::test]
async fn a_response_of_the_applications_own_says_when_to_come_back() {
    fn own(refusal: &Refusal) -> (StatusCode, &'static str) {
        assert!(matches!(refusal.kind(), AuthErrorKind::Throttled { .. }));
        (refusal.status(), "slow down")
    }
    let layer =
        AuthLayer::new(TicketCookie::new(KeyRing::random())).with_throttle(throttle()).with_refusal(own);
    let site = Site::with(layer);
    for _ in 0..5 {
        let request = site.app.clone().oneshot(posted(&from(HOME), "alice", "never"));
        let mut request = Box::pin(request);
        while site.verified() == 0 {
            assert!(futures_util::poll!(&mut request).is_pending());
        }
    }
    let answer = site.try_it(&from(HOME), "alice", "right").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (429, "slow down"));
    assert_eq!(answer.header("retry-after"), "1");
}

// An account of the attacker, whose name differs in case, must not make the attacker's browser a known one.
#[tokio::test]
async fn a_device_is_known_to_the_exact_name() {
    let site = Site::new(throttle().with_known_devices(KeyRing::random()));
    let answer = site.try_it(&from(HOME), "ALICE", "right").await;
    let cookies = answer.cookies();
    let device = cookies.iter().find(|cookie| cookie.starts_with("__Host-device=")).unwrap();
    let known = Login { cookie: Some(device), ..from(HOME) };

    site.fail(&from(HOME), "alice", 6).await;
    assert_eq!(site.status(&known, "alice", "right").await, 429);
    assert_eq!(site.status(&known, "ALICE", "right").await, 200);
}

#[test]
#[should_panic(expected = "the limit of a client is a rate; write `Limit::rate(…)`")]
fn a_client_cannot_end_its_limit_by_a_log_in() {
    let _ = throttle().with_client_limit(Limit::delays(2, Duration::from_secs(1), Duration::from_secs(2)));
}

#[test]
#[should_panic(expected = "the limit of an account is a rate; write `Limit::rate(…)`")]
fn a_user_cannot_end_the_limit_of_their_account_by_a_log_in() {
    let _ = throttle().with_account_limit(Limit::delays(2, Duration::from_secs(1), Duration::from_secs(2)));
}
