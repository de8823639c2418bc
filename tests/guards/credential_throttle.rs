//! Credentials that every request carries, passwords of `Basic` and API keys, are throttled by their failures only.

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
    Answer as Found, ApiKey, AuthLayer, Basic, BoxError, FirstOf, Identity, KeyRing, TicketCookie,
    async_trait, auth_required,
    clock::UnixTime,
    identity::{
        ApiKeyRecord, ApiKeyStore, BasicVerifier, CredentialId, IdentityPolicy, MemoryApiKeys, Password,
    },
    testing::FrozenClock,
    throttle::{MemoryThrottle, Throttle},
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderName, Request, StatusCode},
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use crate::support::{Answer, Log, send};

const NOON: u64 = 1_700_000_000;
const HOME: [u8; 4] = [192, 0, 2, 1];
const ELSEWHERE: [u8; 4] = [198, 51, 100, 7];

#[auth_required]
async fn profile() {}

#[auth_required(hide)]
async fn hidden() {}

fn app(policy: impl IdentityPolicy, clock: &FrozenClock) -> Router {
    let layer = AuthLayer::new(policy).with_clock(clock.clone());
    Router::new().route("/profile", get(profile)).route("/hidden", get(hidden)).layer(layer)
}

async fn ask(app: &Router, path: &str, from: [u8; 4], header: (HeaderName, String)) -> Answer {
    let request = Request::get(path)
        .header(header.0, header.1)
        .extension(ConnectInfo(SocketAddr::from((from, 50_000))))
        .body(Body::empty());
    send(app, request.unwrap()).await
}

/// Knows one password. Each verification takes a turn.
#[derive(Clone)]
struct Users {
    verified: Arc<AtomicU32>,
    turns: Arc<Semaphore>,
}

impl Users {
    fn new(turns: usize) -> Self {
        Self { verified: Arc::default(), turns: Arc::new(Semaphore::new(turns)) }
    }

    fn verified(&self) -> u32 {
        self.verified.swap(0, Ordering::SeqCst)
    }
}

#[async_trait]
impl BasicVerifier for Users {
    async fn verify(&self, name: &str, password: &Password) -> Result<Option<Identity>, BoxError> {
        self.verified.fetch_add(1, Ordering::SeqCst);
        self.turns.acquire().await?.forget();
        if name == "down" {
            return Err("the table is locked".into());
        }
        let is_right = *password == Password::new("right").unwrap();
        Ok(is_right.then(|| Identity::new(name)).transpose()?)
    }
}

fn password(name: &str, password: &str) -> (HeaderName, String) {
    let token = STANDARD.encode(format!("{name}:{password}"));
    (HeaderName::from_static("authorization"), format!("Basic {token}"))
}

fn basic(users: &Users) -> Basic<Users> {
    Basic::new(users.clone()).with_throttle(Throttle::new(MemoryThrottle::new()))
}

#[tokio::test]
async fn after_five_wrong_passwords_the_right_one_has_to_wait_and_is_not_verified() {
    let (clock, users) = (FrozenClock::at(NOON), Users::new(1000));
    let app = app(basic(&users), &clock);
    let status = async |from, name: &str, word: &str| {
        ask(&app, "/profile", from, password(name, word)).await.status.as_u16()
    };
    for _ in 0..4 {
        assert_eq!(status(HOME, "alice", "wrong").await, 401);
    }
    assert_eq!(status(HOME, "alice", "right").await, 200);
    // The success has ended the series.
    for _ in 0..5 {
        assert_eq!(status(HOME, "alice", "wrong").await, 401);
    }
    users.verified();
    let (denied, events) = Log::of(ask(&app, "/profile", HOME, password("alice", "right"))).await;
    assert_eq!((denied.status.as_u16(), denied.header("retry-after")), (429, "1".to_owned()));
    assert_eq!(users.verified(), 0);
    assert!(events.iter().any(|event| event.message == "throttled" && event.field("what") == "credential"));
    let deny = events.iter().find(|event| event.message == "deny").unwrap();
    assert_eq!((deny.field("reason"), deny.field("status")), ("throttled", "429"));
    assert_eq!(ask(&app, "/hidden", HOME, password("alice", "right")).await.status, StatusCode::NOT_FOUND);

    assert_eq!(status(HOME, "bob", "right").await, 200, "another account of the same client");
    assert_eq!(status(ELSEWHERE, "alice", "right").await, 200, "another client of the same account");
    clock.advance(Duration::from_secs(1));
    assert_eq!(status(HOME, "alice", "right").await, 200);
}

#[tokio::test]
async fn a_right_password_has_no_limit_and_neither_has_an_outage() {
    let (clock, users) = (FrozenClock::at(NOON), Users::new(10_000));
    let app = app(basic(&users), &clock);
    let requests = (0..500).map(|_| ask(&app, "/profile", HOME, password("alice", "right")));
    assert!(join_all(requests).await.iter().all(|answer| answer.status == StatusCode::OK));
    for _ in 0..50 {
        let answer = ask(&app, "/profile", HOME, password("down", "right")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(ask(&app, "/profile", HOME, password("alice", "right")).await.status, StatusCode::OK);
    // What is not a password is not counted.
    for _ in 0..50 {
        let malformed = (HeaderName::from_static("authorization"), "Basic !".to_owned());
        assert_eq!(ask(&app, "/profile", HOME, malformed).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask(&app, "/profile", HOME, password("alice", "right")).await.status, StatusCode::OK);
}

/// Lets one verification after another end, and returns the largest number that were under way.
async fn one_after_another(users: &Users, rounds: usize) -> u32 {
    let (mut ended, mut most) = (0, 0);
    for _ in 0..rounds {
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        let under_way = users.verified.load(Ordering::SeqCst).saturating_sub(ended);
        most = most.max(under_way);
        if under_way > 0 {
            users.turns.add_permits(1);
            ended = ended.saturating_add(1);
        }
    }
    most
}

// The right one is among the last.
#[tokio::test]
async fn of_guesses_at_the_same_time_no_more_are_verified_than_the_limit_allows() {
    let (clock, users) = (FrozenClock::at(NOON), Users::new(0));
    let app = app(basic(&users), &clock);
    let guess = |at| ask(&app, "/profile", HOME, password("alice", if at == 9 { "right" } else { "wrong" }));
    let (answers, most) = tokio::join!(join_all((0..10).map(guess)), one_after_another(&users, 10));
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429, 429, 429]);
    assert_eq!((users.verified(), most), (5, 5));
    // After a failure, four more are verified at once; after five, one at a time.
    clock.advance(Duration::from_secs(1));
    let (answers, most) = tokio::join!(join_all((0..10).map(guess)), one_after_another(&users, 10));
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::UNAUTHORIZED).count(), 1);
    assert_eq!((users.verified(), most), (1, 1));
}

// A client that sends many requests at once, with one right password, waits and loses none of them; a request that is
// given up takes no turn.
#[tokio::test]
async fn right_credentials_at_the_same_time_wait_for_their_turn() {
    let (clock, users) = (FrozenClock::at(NOON), Users::new(0));
    let app = app(basic(&users), &clock);
    let request = || ask(&app, "/profile", HOME, password("alice", "right"));
    {
        let given_up = join_all((0..20).map(|_| request()));
        let started = async {
            while users.verified.load(Ordering::SeqCst) < 5 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            _ = given_up => panic!("it cannot be done"),
            () = started => {}
        }
    }
    users.verified();
    let (answers, most) = tokio::join!(join_all((0..20).map(|_| request())), one_after_another(&users, 20));
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    assert_eq!((users.verified(), most), (20, 5));
    // Other accounts and other clients do not wait.
    let held = [request(), request(), request(), request(), request(), request()];
    let others = async {
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(users.verified.load(Ordering::SeqCst), 5);
        let bob = ask(&app, "/profile", HOME, password("bob", "right"));
        let elsewhere = ask(&app, "/profile", ELSEWHERE, password("alice", "right"));
        let more = async {
            while users.verified.load(Ordering::SeqCst) < 7 {
                tokio::task::yield_now().await;
            }
            users.turns.add_permits(8);
        };
        let (bob, elsewhere, ()) = tokio::join!(bob, elsewhere, more);
        assert_eq!((bob.status, elsewhere.status), (StatusCode::OK, StatusCode::OK));
    };
    let (held, ()) = tokio::join!(join_all(held), others);
    assert!(held.iter().all(|answer| answer.status == StatusCode::OK));
}

// The same with guesses that two instances verify, which do not see each other's.
#[tokio::test]
async fn a_right_guess_among_many_at_the_same_time_gets_no_answer() {
    let (clock, users) = (FrozenClock::at(NOON), Users::new(0));
    let store = MemoryThrottle::new();
    let instance = || app(Basic::new(users.clone()).with_throttle(Throttle::new(store.clone())), &clock);
    let (here, there) = (instance(), instance());
    let guess = |at: usize| {
        let word = if at == 9 { "right" } else { "wrong" };
        ask(if at < 5 { &here } else { &there }, "/profile", HOME, password("alice", word))
    };
    let guesses = join_all((0..10).map(guess));
    let open = async {
        while users.verified.load(Ordering::SeqCst) < 10 {
            tokio::task::yield_now().await;
        }
        // One after another, in the order in which they wait.
        for _ in 0..10 {
            users.turns.add_permits(1);
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        }
    };
    let (answers, ()) = tokio::join!(guesses, open);
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    let expected = [401, 401, 401, 401, 401, 429, 429, 429, 429, 429];
    assert_eq!(statuses, expected, "no response beyond the limit shows which guess was right");
    assert_eq!(ask(&here, "/profile", HOME, password("alice", "right")).await.status.as_u16(), 429);
}

/// Counts the look-ups.
#[derive(Clone)]
struct Counted(MemoryApiKeys, Arc<AtomicU32>);

impl ApiKeyStore for Counted {
    fn find(&self, id: CredentialId) -> Found<'_, Result<Option<ApiKeyRecord>, BoxError>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.find(id)
    }
}

#[tokio::test]
async fn a_client_with_wrong_keys_costs_few_look_ups() {
    let clock = FrozenClock::at(NOON);
    let store = Counted(MemoryApiKeys::new(), Arc::default());
    let issue =
        || ApiKeyRecord::issue("shop", Identity::new("alice").unwrap(), UnixTime::from_secs(NOON)).unwrap();
    let (right, record) = issue();
    store.0.add(record);
    let policy = ApiKey::new(store.clone()).with_throttle(Throttle::new(MemoryThrottle::new()));
    let app = app(policy, &clock);
    let key = |text: &str| (HeaderName::from_static("x-api-key"), text.to_owned());
    let status = async |from, text: &str| ask(&app, "/profile", from, key(text)).await.status.as_u16();

    for _ in 0..100 {
        assert_eq!(status(HOME, right.expose()).await, 200);
        assert_eq!(status(HOME, "no key").await, 401, "which costs no look-up, and is not counted");
    }
    store.1.store(0, Ordering::SeqCst);
    for at in 0..40 {
        // A random key of another application.
        let expected = if at < 30 { 401 } else { 429 };
        assert_eq!(status(HOME, issue().0.expose()).await, expected, "{at}");
    }
    assert_eq!(store.1.load(Ordering::SeqCst), 30);
    assert_eq!(status(HOME, right.expose()).await, 429);
    assert_eq!(status(ELSEWHERE, right.expose()).await, 200);
    clock.advance(Duration::from_secs(20));
    assert_eq!(status(HOME, right.expose()).await, 200);
}

#[tokio::test]
async fn a_throttled_credential_is_not_anonymous_in_a_combination() {
    let (clock, users) = (FrozenClock::at(NOON), Users::new(1000));
    let policy = FirstOf::new(TicketCookie::new(KeyRing::random())).then(basic(&users));
    let app = app(policy, &clock);
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(ask(&app, "/profile", HOME, password("alice", "wrong")).await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
}
