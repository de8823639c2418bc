//! Token authorizer: single flight, refresh before expiry, no lost tokens.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

mod failed_refreshes;
mod log_out;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use auth_client::clock::Clock as _;
use auth_client::{
    Authorizer, ClientCredentials, Environment, Error, ErrorKind, Grant, MemoryStore, OAuthClient,
    RequestTemplate, StoreKey, Token, TokenAuthorizer, TokenStore, TokenTester,
};

use crate::support::{Fake, HandClock, client};

const MOMENT: Duration = Duration::from_millis(20);

/// A log-in that prompts a user for the first token and refreshes afterwards.
#[derive(Debug)]
struct LogIn {
    client: OAuthClient,
    clock: HandClock,
    asked: Arc<AtomicUsize>,
}

#[async_trait]
impl Grant for LogIn {
    fn environment(&self) -> &Environment {
        self.client.environment()
    }

    fn store_key(&self) -> StoreKey {
        StoreKey::of(&["login", "me"])
    }

    fn is_interactive(&self) -> bool {
        true
    }

    async fn obtain(&self) -> Result<Token, Error> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let body = br#"{"access_token":"first","refresh_token":"r0","expires_in":3600}"#;
        Token::from_json(body, self.clock.now(), &auth_client::TokenWireFormat::default())
    }

    async fn refresh(&self, token: &Token) -> Result<Option<Token>, Error> {
        self.client.refresh(token.refresh_token().unwrap()).await.map(Some)
    }
}

thread_local! {
    static CLOCK: HandClock = HandClock::default();
}

/// Each test runs on one thread with one clock.
fn clock() -> HandClock {
    CLOCK.with(Clone::clone)
}

fn log_in(fake: &Fake) -> (TokenAuthorizer<LogIn>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let grant = LogIn { client: client(fake, &clock()), clock: clock(), asked: Arc::clone(&asked) };
    (TokenAuthorizer::new(grant), asked)
}

fn machine(fake: &Fake) -> TokenAuthorizer<ClientCredentials> {
    TokenAuthorizer::new(ClientCredentials::new(client(fake, &clock()).with_secret("secret")))
}

async fn header<A: Authorizer>(authorizer: &A) -> String {
    let credentials = authorizer.authorize().await.unwrap();
    credentials.headers()["authorization"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_thousand_tasks_make_one_request() {
    let fake = Fake::counting(3600).slow(MOMENT);
    let authorizer = Arc::new(machine(&fake));
    for round in 1..=2 {
        let tasks: Vec<_> = (0..1000)
            .map(|_| {
                let authorizer = Arc::clone(&authorizer);
                tokio::spawn(async move { header(&*authorizer).await })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), format!("Bearer t{round}"));
        }
        assert_eq!(fake.count(), round, "one request for a thousand tasks");
        clock().pass(3600);
    }
}

#[tokio::test]
async fn a_failure_is_shared_and_not_repeated_by_those_who_waited() {
    let fake = Fake::new(|_, _| (503, String::new())).slow(MOMENT);
    let authorizer = Arc::new(machine(&fake));
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let authorizer = Arc::clone(&authorizer);
            tokio::spawn(async move { authorizer.authorize().await.unwrap_err() })
        })
        .collect();
    for task in tasks {
        let error = task.await.unwrap();
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert_eq!(error.to_string(), "library: the provider answers 503 Service Unavailable");
    }
    assert_eq!(fake.count(), 1);
    authorizer.authorize().await.unwrap_err();
    assert_eq!(fake.count(), 2, "who comes later tries again");
}

#[tokio::test]
async fn a_token_is_refreshed_ahead_of_its_end_and_the_refresh_token_rotates() {
    let fake = Fake::counting(3600);
    let (authorizer, asked) = log_in(&fake);
    assert_eq!(header(&authorizer).await, "Bearer first");
    clock().pass(3539);
    assert_eq!(header(&authorizer).await, "Bearer first");
    clock().pass(1);
    assert_eq!(header(&authorizer).await, "Bearer t1");
    clock().pass(3600);
    assert_eq!(header(&authorizer).await, "Bearer t2");
    let used: Vec<String> = fake.seen().iter().map(|seen| seen.form["refresh_token"].clone()).collect();
    assert_eq!(used, ["r0", "r1"], "each refresh token is used once");
    assert!(fake.seen().iter().all(|seen| seen.form["grant_type"] == "refresh_token"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

// A clock that is set back does not prolong a token's life.
#[tokio::test]
async fn the_running_clock_counts_too() {
    let fake = Fake::counting(600);
    let authorizer = machine(&fake);
    assert_eq!(header(&authorizer).await, "Bearer t1");
    clock().pass(590);
    clock().set_back(590);
    assert_eq!(header(&authorizer).await, "Bearer t2");
    // Ten minutes back: the token's age is unknown, so there is one new token, not one per request.
    clock().set_back(600);
    assert_eq!(header(&authorizer).await, "Bearer t3");
    assert_eq!(header(&authorizer).await, "Bearer t3");
    assert_eq!(fake.count(), 3);
}

#[tokio::test]
async fn a_refresh_token_that_stays_is_kept() {
    let fake = Fake::new(|_, nth| (200, format!(r#"{{"access_token":"t{nth}","expires_in":60}}"#)));
    let (authorizer, asked) = log_in(&fake);
    header(&authorizer).await;
    for _ in 0..3 {
        clock().pass(3600);
        header(&authorizer).await;
    }
    let used: Vec<String> = fake.seen().iter().map(|seen| seen.form["refresh_token"].clone()).collect();
    assert_eq!(used, ["r0"; 3]);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

// An error response replaces nothing, regardless of its status.
#[tokio::test]
async fn an_error_costs_neither_token_nor_refresh_token() {
    for (status, body) in
        [(200, r#"{"error":"server_error"}"#), (500, ""), (502, "<html>"), (0, ""), (429, "")]
    {
        let broken = Arc::new(AtomicBool::new(true));
        let switch = Arc::clone(&broken);
        let fake = Fake::new(move |_, _| {
            if switch.load(Ordering::SeqCst) {
                (status, body.to_owned())
            } else {
                (200, r#"{"access_token":"next","expires_in":3600}"#.to_owned())
            }
        });
        let (authorizer, asked) = log_in(&fake);
        header(&authorizer).await;
        // A minute is left: the token is used while the server is out of order, and the server is not asked
        // all the time.
        clock().pass(3550);
        for _ in 0..10 {
            assert_eq!(header(&authorizer).await, "Bearer first", "{status}");
        }
        assert_eq!(fake.count(), 1, "{status}: the provider is left alone for a while");
        clock().pass(50);
        assert_eq!(authorizer.authorize().await.unwrap_err().kind(), ErrorKind::Transport, "{status}");
        broken.store(false, Ordering::SeqCst);
        assert_eq!(header(&authorizer).await, "Bearer next", "{status}");
        assert_eq!(fake.seen().last().unwrap().form["refresh_token"], "r0", "{status}");
        assert_eq!(asked.load(Ordering::SeqCst), 1, "{status}: no new log-in");
    }
}

#[tokio::test]
async fn a_refused_refresh_token_leads_to_a_new_log_in() {
    let fake = Fake::new(|_, _| (400, r#"{"error":"invalid_grant"}"#.to_owned()));
    let (authorizer, asked) = log_in(&fake);
    header(&authorizer).await;
    clock().pass(3600);
    assert_eq!(header(&authorizer).await, "Bearer first");
    assert_eq!((fake.count(), asked.load(Ordering::SeqCst)), (1, 2));

    let (silent, asked) = log_in(&fake);
    let error = silent.without_interaction().authorize().await.unwrap_err();
    assert_eq!((error.kind(), asked.load(Ordering::SeqCst)), (ErrorKind::LoginRequired, 0));
}

// One 401 must not discard a token that others use.
#[tokio::test]
async fn only_the_current_token_can_be_rejected_and_once() {
    let fake = Fake::counting(3600);
    let authorizer = machine(&fake);
    let old = authorizer.authorize().await.unwrap();
    assert!(authorizer.reject(&old).await);
    assert!(authorizer.reject(&old).await);
    let new = authorizer.authorize().await.unwrap();
    assert_eq!(new.headers()["authorization"], "Bearer t2");
    // Late responses to requests with the old token.
    for _ in 0..100 {
        assert!(authorizer.reject(&old).await);
    }
    assert!(authorizer.authorize().await.unwrap().same(&new));
    assert_eq!(fake.count(), 2);
}

#[tokio::test]
async fn a_rejected_token_in_the_store_is_not_taken_again() {
    let fake = Fake::counting(3600);
    let store = MemoryStore::new();
    let authorizer = machine(&fake).with_store(store.clone());
    let old = authorizer.authorize().await.unwrap();
    authorizer.reject(&old).await;
    assert_eq!(header(&authorizer).await, "Bearer t2");
    // Another authorizer with the same store, as in another process, has obtained a new token meanwhile.
    let other = machine(&fake).with_store(store);
    assert_eq!(header(&other).await, "Bearer t2");
    let rejected = other.authorize().await.unwrap();
    other.reject(&rejected).await;
    assert_eq!(header(&other).await, "Bearer t3");
    authorizer.reject(&rejected).await;
    assert_eq!(header(&authorizer).await, "Bearer t3", "the store had it");
    assert_eq!(fake.count(), 3);
}

// The caller is cancelled; the rotated refresh token is not lost.
#[tokio::test]
async fn a_refresh_survives_its_cancelled_caller() {
    let fake = Fake::counting(3600).slow(MOMENT);
    let store = MemoryStore::new();
    let (authorizer, _) = log_in(&fake);
    let authorizer = authorizer.with_store(store.clone());
    header(&authorizer).await;
    clock().pass(3600);
    let asked = tokio::time::timeout(MOMENT / 4, authorizer.authorize()).await;
    assert!(asked.is_err(), "it was dropped half-way");
    tokio::time::sleep(MOMENT * 3).await;
    let stored = store.load(&StoreKey::of(&["login", "me"])).await.unwrap().unwrap();
    assert!(fake.count() == 1 && stored.lifetime() == Some(Duration::from_hours(1)));
    assert_eq!(header(&authorizer).await, "Bearer t1");
    assert_eq!(fake.count(), 1, "and it is used");
}

/// A disk that is full while the switch is on.
#[derive(Debug)]
struct FullDisk(MemoryStore, Arc<AtomicBool>);

#[async_trait]
impl TokenStore for FullDisk {
    async fn lock(&self, key: &StoreKey) -> Result<auth_client::StoreLock, Error> {
        self.0.lock(key).await
    }

    async fn load(&self, key: &StoreKey) -> Result<Option<Token>, Error> {
        self.0.load(key).await
    }

    async fn save(&self, key: &StoreKey, token: &Token) -> Result<(), Error> {
        if self.1.load(Ordering::SeqCst) {
            return Err(Error::storage("the disk is full"));
        }
        self.0.save(key, token).await
    }

    async fn remove(&self, key: &StoreKey) -> Result<(), Error> {
        self.0.remove(key).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_does_not_stop_a_program_with_a_good_token() {
    let fake = Fake::counting(3600);
    let (store, is_full) = (MemoryStore::new(), Arc::new(AtomicBool::new(true)));
    let authorizer = machine(&fake).with_store(FullDisk(store.clone(), Arc::clone(&is_full)));
    assert_eq!(header(&authorizer).await, "Bearer t1");
    assert_eq!(header(&authorizer).await, "Bearer t1");
    assert_eq!(fake.count(), 1);
    // Once there is space, the token is stored without another call.
    let key = authorizer.grant().store_key();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(store.load(&key).await.unwrap().is_none());
    is_full.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(store.load(&key).await.unwrap().is_some());
}

#[tokio::test]
async fn a_token_is_never_taken_for_that_of_others() {
    let fake = Fake::counting(3600);
    let store = MemoryStore::new();
    let grant = || ClientCredentials::new(client(&fake, &clock()).with_secret("secret"));
    let with = |grant| TokenAuthorizer::new(grant).with_store(store.clone());
    assert_eq!(header(&with(grant())).await, "Bearer t1");
    assert_eq!(header(&with(grant())).await, "Bearer t1");
    assert_eq!(header(&with(grant().with_scopes(["a"]))).await, "Bearer t2");
    assert_eq!(header(&with(grant().with_scopes(["a", "b"]))).await, "Bearer t3");
    assert_eq!(header(&with(grant().with_scopes(["b", "a"]))).await, "Bearer t3");
    assert_eq!(header(&with(grant().with_param("audience", "x"))).await, "Bearer t4");
    assert_eq!(header(&with(grant().with_param("audience", "y"))).await, "Bearer t5");
    let other = OAuthClient::in_environment(
        auth_client::Provider::new("https://other.example.com/token").unwrap(),
        "me",
        grant().environment().clone(),
    );
    assert_eq!(header(&with(ClientCredentials::new(other))).await, "Bearer t6");
}

#[tokio::test]
async fn fewer_scopes_than_asked_are_reported_or_refused() {
    let fake = Fake::new(|_, _| (200, r#"{"access_token":"t","scope":"read"}"#.to_owned()));
    let grant = || ClientCredentials::new(client(&fake, &clock())).with_scopes(["read", "write"]);
    let token = TokenAuthorizer::new(grant()).token().await.unwrap();
    assert_eq!(token.missing_scopes(["read", "write"]), ["write"]);
    let error = TokenAuthorizer::new(grant()).requiring_all_scopes().authorize().await.unwrap_err();
    assert_eq!(error.to_string(), "library: the provider grants less than was asked for; missing: write");
}

#[tokio::test]
async fn an_unusable_new_token_is_an_error_without_a_loop() {
    let fake = Fake::counting(30);
    let authorizer = machine(&fake).with_tester(TokenTester::new().with_margin(Duration::from_mins(1)));
    let error = authorizer.authorize().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(fake.count(), 1);
}

#[tokio::test]
async fn the_live_test_is_made_for_new_tokens_only() {
    let live = Arc::new(AtomicUsize::new(0));
    let good = Arc::new(AtomicBool::new(true));
    let (count, is_good) = (Arc::clone(&live), Arc::clone(&good));
    let fake = Fake::new(move |seen, nth| {
        if seen.uri.ends_with("/me") {
            count.fetch_add(1, Ordering::SeqCst);
            return (if is_good.load(Ordering::SeqCst) { 200 } else { 401 }, String::new());
        }
        (200, format!(r#"{{"access_token":"t{nth}","expires_in":3600}}"#))
    });
    let template = RequestTemplate::new(http::Method::GET, "https://api.example.com/me").unwrap();
    let tester = TokenTester::new().with_live_test(template, |answer| answer.status() == 200);
    let authorizer = machine(&fake).with_tester(tester);
    assert!(!authorizer.is_token_valid().await.unwrap(), "there is none yet");
    for _ in 0..5 {
        header(&authorizer).await;
    }
    assert_eq!(live.load(Ordering::SeqCst), 1);
    assert!(authorizer.is_token_valid().await.unwrap());
    good.store(false, Ordering::SeqCst);
    assert!(!authorizer.is_token_valid().await.unwrap());
    clock().pass(3600);
    assert_eq!(authorizer.authorize().await.unwrap_err().kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn logging_out_forgets_here_there_and_at_the_provider() {
    let fake = Fake::counting(3600);
    let store = MemoryStore::new();
    let authorizer = machine(&fake).with_store(store.clone());
    header(&authorizer).await;
    let key = authorizer.grant().store_key();
    assert!(store.load(&key).await.unwrap().is_some());
    assert!(authorizer.log_out().await.unwrap());
    assert!(store.load(&key).await.unwrap().is_none());
    let revoked: Vec<_> =
        fake.seen()[1..].iter().map(|seen| (seen.uri.clone(), seen.form["token"].clone())).collect();
    let url = "https://login.example.com/revoke".to_owned();
    assert_eq!(revoked, [(url.clone(), "r1".to_owned()), (url, "t1".to_owned())]);
    assert!(!authorizer.is_token_valid().await.unwrap());
    assert!(!header(&authorizer).await.is_empty());
}

#[tokio::test]
async fn three_spellings_give_the_same() {
    let fake = Fake::counting(3600);
    let authorizer = machine(&fake);
    let one = (&authorizer).await.unwrap();
    let two = authorizer.authorize().await.unwrap();
    let dynamic: &dyn Authorizer = &authorizer;
    let three = dynamic.await.unwrap();
    assert!(one.same(&two) && two.same(&three));
    assert_eq!(authorizer.service_name(), "library");
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let fake = Fake::new(|_, _| {
        (200, r#"{"access_token":"CANARY","refresh_token":"CANARY","id_token":"CANARY"}"#.to_owned())
    });
    let store = MemoryStore::new();
    let grant = ClientCredentials::new(client(&fake, &clock()).with_secret("CANARY"));
    let authorizer = TokenAuthorizer::new(grant).with_store(store.clone());
    let token = authorizer.token().await.unwrap();
    let credentials = authorizer.authorize().await.unwrap();
    let shown = format!("{authorizer:?} {authorizer:#?} {store:?} {token:?} {credentials:?}");
    assert!(!shown.contains("CANARY"), "{shown}");
}
