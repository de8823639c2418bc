//! What `RefreshTokens` promises: one use each, a copy is noticed, and nothing in the store is of use to a thief.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    AuthLayer, BoxError, KeyRing, async_trait, auth_required,
    clock::UnixTime,
    identity::Scopes,
    jwt::{
        BearerJwt, FamilyId, Grant, JwtIssuer, JwtVerifier, MemoryRefreshStore, RedisRefreshStore,
        RefreshError, RefreshErrorKind, RefreshFamily, RefreshStore, RefreshToken, RefreshTokens, RingKeys,
        TokenHash, TokenSalt,
    },
    revocation::{MemoryRevocation, Revocation as _},
    testing::FrozenClock,
};
use axum::{
    Router,
    http::{Request, StatusCode},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fred::{
    clients::Client,
    interfaces::{ClientLike as _, HashesInterface as _, KeysInterface as _},
    types::config::Config,
};
use proptest::prelude::*;

use crate::{
    services,
    support::{self, Log},
};

const NOON: u64 = 1_700_000_000;
const AUDIENCE: &str = "https://api.example";

/// A memory store that several hold, that can be looked into, and that fails on request.
#[derive(Clone, Default)]
struct Store {
    memory: Arc<MemoryRefreshStore>,
    seen: Arc<Mutex<Vec<RefreshFamily>>>,
    is_down: Arc<AtomicBool>,
    never_replaces: Arc<AtomicBool>,
}

impl Store {
    fn check(&self) -> Result<(), BoxError> {
        if self.is_down.load(Ordering::SeqCst) { Err("the store is down".into()) } else { Ok(()) }
    }
}

#[async_trait]
impl RefreshStore for Store {
    async fn insert(&self, id: FamilyId, family: RefreshFamily) -> Result<(), BoxError> {
        self.check()?;
        self.seen.lock().unwrap().push(family.clone());
        self.memory.insert(id, family).await
    }

    async fn load(&self, id: &FamilyId) -> Result<Option<RefreshFamily>, BoxError> {
        self.check()?;
        let family = self.memory.load(id).await;
        // Others come in between, as they do with a real store.
        tokio::task::yield_now().await;
        family
    }

    async fn replace(
        &self,
        id: &FamilyId,
        current: &TokenHash,
        next: RefreshFamily,
    ) -> Result<bool, BoxError> {
        self.check()?;
        if self.never_replaces.load(Ordering::SeqCst) {
            return Ok(false);
        }
        self.seen.lock().unwrap().push(next.clone());
        self.memory.replace(id, current, next).await
    }

    async fn remove(&self, id: &FamilyId) -> Result<(), BoxError> {
        self.check()?;
        self.memory.remove(id).await
    }

    async fn remove_subject(&self, subject: &str) -> Result<(), BoxError> {
        self.check()?;
        self.memory.remove_subject(subject).await
    }
}

fn clock() -> FrozenClock {
    FrozenClock::at(NOON)
}

fn tokens(store: &Store, clock: &FrozenClock) -> RefreshTokens {
    RefreshTokens::new(store.clone()).with_clock(clock.clone())
}

fn grant() -> Grant {
    Grant::new("alice", AUDIENCE).unwrap().with_scopes("read write".parse().unwrap())
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn next(tokens: &RefreshTokens, token: &RefreshToken) -> RefreshToken {
    tokens.refresh(token.as_str(), None).await.unwrap().token().unwrap().clone()
}

async fn kind(tokens: &RefreshTokens, token: &str) -> RefreshErrorKind {
    tokens.refresh(token, None).await.unwrap_err().kind()
}

/// Each use gives the next token, and the grant stays what it was.
#[tokio::test]
async fn a_family_goes_on() {
    let (store, clock) = (Store::default(), clock());
    let tokens = tokens(&store, &clock);
    let login = UnixTime::from_secs(NOON);
    let mut token = tokens.start(grant().with_client_id("web").with_authenticated_at(login)).await.unwrap();
    let mut seen = vec![token.as_str().to_owned()];
    for _ in 0..20 {
        clock.advance(secs(3600));
        let refreshed = tokens.refresh(token.as_str(), None).await.unwrap();
        assert_eq!(refreshed.grant().subject(), "alice");
        assert_eq!(refreshed.grant().audience(), AUDIENCE);
        assert_eq!(refreshed.grant().client_id(), Some("web"));
        // A refresh is not a log-in.
        assert_eq!(refreshed.grant().authenticated_at(), Some(login));
        token = refreshed.token().unwrap().clone();
        assert!(!seen.contains(&token.as_str().to_owned()));
        seen.push(token.as_str().to_owned());
    }
    assert_eq!(store.memory.len(), 1, "a family is one entry, however often it is used");
}

/// A token that is used twice ends its family, whichever of them it was, and no other.
#[tokio::test]
async fn a_copy_ends_the_family() {
    for reused in 0..3 {
        let (store, clock) = (Store::default(), clock());
        let tokens = tokens(&store, &clock);
        let other = tokens.start(grant()).await.unwrap();
        let mut chain = vec![tokens.start(grant()).await.unwrap()];
        for at in 0..3 {
            let token = next(&tokens, &chain[at]).await;
            chain.push(token);
        }
        let (error, told) = Log::of(kind(&tokens, chain[reused].as_str())).await;
        assert_eq!(error, RefreshErrorKind::Reused);
        let warned = told.iter().find(|event| event.message == "refresh token reused").unwrap();
        assert_eq!((warned.level, warned.field("user")), (tracing::Level::WARN, "alice"));
        assert!(chain.iter().all(|token| !format!("{told:?}").contains(token.as_str())));
        for token in &chain {
            assert_eq!(kind(&tokens, token.as_str()).await, RefreshErrorKind::Invalid);
        }
        assert!(tokens.refresh(other.as_str(), None).await.is_ok());
    }
}

/// Of a thousand uses at the same time one wins; the others are reuse, so the family ends with what the one got.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_wins() {
    let (store, clock) = (Store::default(), clock());
    let tokens = tokens(&store, &clock);
    let token = tokens.start(grant()).await.unwrap();
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let (tokens, token) = (tokens.clone(), token.clone());
            tokio::spawn(async move { tokens.refresh(token.as_str(), None).await })
        })
        .collect();
    let mut winners = Vec::new();
    let mut reused = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(refreshed) => winners.push(refreshed.token().unwrap().clone()),
            Err(error) if error.kind() == RefreshErrorKind::Reused => reused += 1,
            Err(error) => assert_eq!(error.kind(), RefreshErrorKind::Invalid),
        }
    }
    assert_eq!(winners.len(), 1);
    assert!(reused >= 1);
    assert_eq!(kind(&tokens, winners[0].as_str()).await, RefreshErrorKind::Invalid);
    assert!(store.memory.is_empty());
}

/// With a grace all get the same successor, which lives on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_grace_forgives_double_clicks() {
    let (store, clock) = (Store::default(), clock());
    let tokens = tokens(&store, &clock).with_grace(secs(10));
    let first = tokens.start(grant()).await.unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (tokens, token) = (tokens.clone(), first.clone());
            tokio::spawn(async move {
                let refreshed = tokens.refresh(token.as_str(), None).await.unwrap();
                assert_eq!(refreshed.grant().subject(), "alice");
                refreshed.token().unwrap().as_str().to_owned()
            })
        })
        .collect();
    let mut successors = BTreeSet::new();
    for task in tasks {
        successors.insert(task.await.unwrap());
    }
    assert_eq!(successors.len(), 1);
    // The response was lost, and the client tries again.
    clock.advance(secs(9));
    let second = next(&tokens, &first).await;
    assert!(successors.contains(second.as_str()));
    let widened = tokens.refresh(first.as_str(), Some(&"admin".parse().unwrap())).await;
    assert_eq!(widened.unwrap_err().kind(), RefreshErrorKind::Scope);
    let third = next(&tokens, &second).await;
    // The last but one is not the last, grace or not.
    assert_eq!(kind(&tokens, first.as_str()).await, RefreshErrorKind::Reused);
    assert_eq!(kind(&tokens, third.as_str()).await, RefreshErrorKind::Invalid);

    let first = tokens.start(grant()).await.unwrap();
    next(&tokens, &first).await;
    clock.advance(secs(10));
    assert_eq!(kind(&tokens, first.as_str()).await, RefreshErrorKind::Reused, "the grace is over");

    // A clock that was put back makes no grace where there is none.
    let strict = self::tokens(&store, &clock);
    let first = strict.start(grant()).await.unwrap();
    next(&strict, &first).await;
    clock.set(UnixTime::from_secs(NOON - 3600));
    assert_eq!(kind(&strict, first.as_str()).await, RefreshErrorKind::Reused);
}

/// Without the store, a used token says nothing of its successor; and two families never have the same one.
#[tokio::test]
async fn a_successor_cannot_be_made_without_the_store() {
    let (store, clock) = (Store::default(), clock());
    let tokens = tokens(&store, &clock).with_grace(secs(10));
    let first = tokens.start(grant()).await.unwrap();
    let second = next(&tokens, &first).await;
    let id = FamilyId::from_bytes(*URL_SAFE_NO_PAD.decode(first.as_str()).unwrap().first_chunk().unwrap());
    let kept = store.load(&id).await.unwrap().unwrap();
    let salt = kept.salt.clone().unwrap();
    // The same token, used once more from the start.
    let current = kept.previous.clone().unwrap();
    store.insert(id, RefreshFamily { current, previous: None, salt: None, ..kept }).await.unwrap();
    let another = next(&tokens, &first).await;
    assert_ne!(second.as_str(), another.as_str());
    assert_ne!(store.load(&id).await.unwrap().unwrap().salt, Some(salt));

    // A token that was used before there was a grace still gives access tokens.
    let strict = self::tokens(&store, &clock);
    let first = strict.start(grant()).await.unwrap();
    let second = next(&strict, &first).await;
    assert!(tokens.refresh(first.as_str(), None).await.unwrap().token().is_none());
    next(&tokens, &second).await;
}

/// A retry over the same Redis server by another instance.
#[tokio::test]
async fn a_retry_gets_the_same_successor_from_redis() {
    let Some(address) = services::redis() else { return };
    let client = redis_client(&address).await;
    let tokens = || {
        RefreshTokens::new(RedisRefreshStore::new(client.clone()).with_prefix("grace")).with_grace(secs(60))
    };
    let first = tokens().start(grant()).await.unwrap();
    let second = next(&tokens(), &first).await;
    assert_eq!(next(&tokens(), &first).await.as_str(), second.as_str());
    next(&tokens(), &second).await;
    assert_eq!(kind(&tokens(), first.as_str()).await, RefreshErrorKind::Reused);
}

/// Revoked with the user: what a refresh brings afterwards, though the grant does not tell when the user logged in, and though
/// the refresh tokens do not ask the list.
#[tokio::test]
async fn after_a_revocation_of_the_user_no_refresh_brings_a_valid_access_token() {
    let (store, clock) = (Store::default(), clock());
    let keys = RingKeys::new(KeyRing::random());
    let issuer = JwtIssuer::new(keys.clone(), "https://issuer.example").unwrap().with_clock(clock.clone());
    let list = MemoryRevocation::new().with_clock(clock.clone());
    let policy = BearerJwt::new(keys).with_issuer("https://issuer.example").with_audience(AUDIENCE);
    let app = Router::new()
        .route("/", get(protected))
        .layer(AuthLayer::new(policy).with_clock(clock.clone()).with_revocation(list.clone()));
    let status = async |grant: &Grant| {
        let token = issuer.access_token_for(grant).issue().unwrap();
        let header = format!("Bearer {}", token.as_str());
        support::ask(&app, Request::get("/").header("authorization", header)).await.status
    };
    let tokens = tokens(&store, &clock);
    let first = tokens.start(grant()).await.unwrap();
    let other = tokens.start(Grant::new("bob", AUDIENCE).unwrap()).await.unwrap();
    clock.advance(secs(60));
    let refreshed = tokens.refresh(first.as_str(), None).await.unwrap();
    assert_eq!(status(refreshed.grant()).await, StatusCode::OK);
    // A log-in through a refresh token is not a recent one.
    assert_eq!(refreshed.grant().authenticated_at(), None);
    clock.advance(secs(60));
    list.revoke_user(&"alice".parse().unwrap()).await.unwrap();
    clock.advance(secs(60));
    let again = tokens.refresh(refreshed.token().unwrap().as_str(), None).await.unwrap();
    assert_eq!(status(again.grant()).await, StatusCode::UNAUTHORIZED);
    let others = tokens.refresh(other.as_str(), None).await.unwrap();
    assert_eq!(status(others.grant()).await, StatusCode::OK);
    // Where the list is asked, there is no refresh; a new log-in is good.
    let asking = tokens.clone().with_revocation(list.clone());
    assert_eq!(kind(&asking, again.token().unwrap().as_str()).await, RefreshErrorKind::Invalid);
    let fresh = asking.start(grant()).await.unwrap();
    let fresh = asking.refresh(fresh.as_str(), None).await.unwrap();
    assert_eq!(status(fresh.grant()).await, StatusCode::OK);
}

/// The revocation came between the refresh and the issue of the access token.
#[tokio::test]
async fn a_refresh_in_flight_brings_no_access_token_that_outlives_a_revocation() {
    let (store, clock) = (Store::default(), clock());
    let list = MemoryRevocation::new().with_clock(clock.clone());
    let tokens = tokens(&store, &clock).with_revocation(list.clone());
    let first = tokens.start(grant()).await.unwrap();
    clock.advance(secs(60));
    let refreshed = tokens.refresh(first.as_str(), None).await.unwrap();
    list.revoke_user(&"alice".parse().unwrap()).await.unwrap();
    clock.advance(secs(5));
    let keys = RingKeys::new(KeyRing::random());
    let issuer = JwtIssuer::new(keys.clone(), "https://issuer.example").unwrap().with_clock(clock.clone());
    let token = issuer.access_token_for(refreshed.grant()).issue().unwrap();
    let verifier = JwtVerifier::new(keys).with_issuer("https://issuer.example").with_audience(AUDIENCE);
    let claims = verifier.verify(token.as_str(), UnixTime::from_secs(NOON + 65)).await.unwrap();
    assert_eq!(claims.issued_at(), Some(UnixTime::from_secs(NOON + 65)));
    assert_eq!(claims.get("orig_iat"), Some(&NOON.into()));
    assert!(issuer.access_token("alice", AUDIENCE).with_claim("orig_iat", 1).is_err());
}

#[auth_required]
async fn protected() {}

#[tokio::test]
async fn a_family_ends_with_its_time() {
    let (store, clock) = (Store::default(), clock());
    let tokens = tokens(&store, &clock).with_idle_lifetime(secs(100)).with_absolute_lifetime(secs(250));
    let idle = tokens.start(grant()).await.unwrap();
    clock.advance(secs(99));
    let second = next(&tokens, &idle).await;
    clock.advance(secs(100));
    assert_eq!(kind(&tokens, second.as_str()).await, RefreshErrorKind::Invalid, "idle for too long");

    let mut token = tokens.start(grant()).await.unwrap();
    for _ in 0..2 {
        clock.advance(secs(99));
        token = next(&tokens, &token).await;
    }
    clock.advance(secs(51));
    token = next(&tokens, &token).await;
    clock.advance(secs(1));
    assert_eq!(kind(&tokens, token.as_str()).await, RefreshErrorKind::Invalid, "no use makes it live longer");
}

#[tokio::test]
async fn scopes_get_fewer_and_never_more() {
    let (store, clock) = (Store::default(), clock());
    let tokens = tokens(&store, &clock);
    let mut token = tokens.start(grant()).await.unwrap();
    for (asked, expected) in [
        (Some("read"), Ok("read")),
        (Some("write read"), Ok("read write")),
        (Some(""), Ok("")),
        (None, Ok("read write")),
        (Some("read admin"), Err(RefreshErrorKind::Scope)),
        (Some("READ"), Err(RefreshErrorKind::Scope)),
        (Some("rea"), Err(RefreshErrorKind::Scope)),
        (Some("write"), Ok("write")),
    ] {
        let scopes: Option<Scopes> = asked.map(|text| text.parse().unwrap());
        let answer = tokens.refresh(token.as_str(), scopes.as_ref()).await;
        match (answer, expected) {
            (Ok(refreshed), Ok(expected)) => {
                assert_eq!(refreshed.grant().scopes().to_string(), expected);
                token = refreshed.token().unwrap().clone();
            }
            // The token was not used.
            (Err(error), Err(expected)) => assert_eq!(error.kind(), expected),
            (answer, _) => assert!(answer.is_err(), "{asked:?}: {answer:?}"),
        }
    }
}

#[tokio::test]
async fn a_malformed_token_is_rejected() {
    let (store, clock) = (Store::default(), clock());
    let tokens = tokens(&store, &clock);
    let token = tokens.start(grant()).await.unwrap();
    let text = token.as_str();
    assert_eq!(text.len(), 64);
    for wrong in [
        "",
        "x",
        " ",
        &text[1..],
        &format!("{text}A"),
        &format!(" {text}"),
        &format!("{text}\n"),
        &format!("{text}="),
        &format!("{}+", &text[..63]),
        &format!("{}%", &text[..63]),
        &"é".repeat(32),
        &"A".repeat(64),
        &"\u{0}".repeat(64),
        &"A".repeat(1 << 20),
    ] {
        assert_eq!(kind(&tokens, wrong).await, RefreshErrorKind::Invalid, "{wrong:.80}");
        assert!(tokens.revoke(wrong).await.is_ok());
    }
    assert!(tokens.refresh(text, None).await.is_ok());
}

#[tokio::test]
async fn a_log_out_ends_families() {
    let (store, clock) = (Store::default(), clock());
    let tokens = tokens(&store, &clock);
    let (one, two) = (tokens.start(grant()).await.unwrap(), tokens.start(grant()).await.unwrap());
    let bob = tokens.start(Grant::new("bob", AUDIENCE).unwrap()).await.unwrap();
    tokens.revoke(one.as_str()).await.unwrap();
    tokens.revoke(one.as_str()).await.unwrap();
    assert_eq!(kind(&tokens, one.as_str()).await, RefreshErrorKind::Invalid);
    let two = next(&tokens, &two).await;
    tokens.revoke_subject("alice").await.unwrap();
    assert_eq!(kind(&tokens, two.as_str()).await, RefreshErrorKind::Invalid);
    let bob = next(&tokens, &bob).await;
    // Also an older token of the family names it.
    let newer = next(&tokens, &bob).await;
    tokens.revoke(bob.as_str()).await.unwrap();
    assert_eq!(kind(&tokens, newer.as_str()).await, RefreshErrorKind::Invalid);
}

/// A stolen store gives no tokens, and nothing that is shown does.
#[tokio::test]
async fn the_store_holds_hashes() {
    let (store, clock) = (Store::default(), clock());
    let tokens = tokens(&store, &clock);
    let first = tokens.start(grant()).await.unwrap();
    let second = next(&tokens, &first).await;
    let secrets: Vec<Vec<u8>> = [&first, &second]
        .iter()
        .map(|token| URL_SAFE_NO_PAD.decode(token.as_str()).unwrap()[16..].to_vec())
        .collect();
    let seen = store.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 2, "what was started, and what was refreshed");
    for family in seen {
        for hash in [Some(&family.current), family.previous.as_ref()].into_iter().flatten() {
            assert!(secrets.iter().all(|secret| secret.as_slice() != hash.as_bytes()));
            assert_eq!(TokenHash::from_bytes(*hash.as_bytes()), *hash);
        }
        let shown = format!("{family:?}");
        assert!(shown.contains("TokenHash([redacted])") && shown.contains("alice"), "{shown}");
    }
    let shown = format!("{first:?} {tokens:?} {:?}", store.memory);
    assert!(!shown.contains(first.as_str()), "{shown}");
    assert_eq!(format!("{first:?}"), "RefreshToken([redacted])");
}

/// A store that is down or full rejects every token (fail closed).
#[tokio::test]
async fn a_store_may_fail() {
    let (store, clock) = (Store::default(), clock());
    let tokens = tokens(&store, &clock);
    let token = tokens.start(grant()).await.unwrap();
    store.is_down.store(true, Ordering::SeqCst);
    assert_eq!(kind(&tokens, token.as_str()).await, RefreshErrorKind::Unavailable);
    assert_eq!(tokens.start(grant()).await.unwrap_err().kind(), RefreshErrorKind::Unavailable);
    assert_eq!(tokens.revoke(token.as_str()).await.unwrap_err().kind(), RefreshErrorKind::Unavailable);
    assert_eq!(tokens.revoke_subject("alice").await.unwrap_err().kind(), RefreshErrorKind::Unavailable);
    store.is_down.store(false, Ordering::SeqCst);
    store.never_replaces.store(true, Ordering::SeqCst);
    assert_eq!(kind(&tokens, token.as_str()).await, RefreshErrorKind::Unavailable);
    store.never_replaces.store(false, Ordering::SeqCst);
    assert!(tokens.refresh(token.as_str(), None).await.is_ok(), "nothing was lost");

    let full = RefreshTokens::new(MemoryRefreshStore::new().with_capacity(2)).with_clock(clock.clone());
    let oldest = full.start(grant()).await.unwrap();
    full.start(grant()).await.unwrap();
    assert_eq!(full.start(grant()).await.unwrap_err().kind(), RefreshErrorKind::Unavailable);
    assert!(full.refresh(oldest.as_str(), None).await.is_ok(), "no user is logged out to make room");
    clock.advance(secs(15 * 24 * 3600));
    assert!(full.start(grant()).await.is_ok(), "those that have expired make room");
}

/// RFC 6749, section 5.2: the response to the client.
#[tokio::test]
async fn errors_are_those_of_oauth() {
    fn route(path: &str, kind: RefreshErrorKind) -> Router {
        Router::new().route(path, post(move || async move { RefreshError::from(kind) }))
    }
    let app = route("/invalid", RefreshErrorKind::Invalid)
        .merge(route("/reused", RefreshErrorKind::Reused))
        .merge(route("/scope", RefreshErrorKind::Scope))
        .merge(route("/unavailable", RefreshErrorKind::Unavailable));
    for (path, status, body) in [
        ("/invalid", StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#),
        ("/reused", StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#),
        ("/scope", StatusCode::BAD_REQUEST, r#"{"error":"invalid_scope"}"#),
        ("/unavailable", StatusCode::SERVICE_UNAVAILABLE, r#"{"error":"temporarily_unavailable"}"#),
    ] {
        let (answer, told) = Log::of(support::ask(&app, Request::post(path))).await;
        assert_eq!((answer.status, answer.text()), (status, body), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(told.iter().any(|event| event.message == "failed"), path == "/unavailable");
    }
}

#[test]
fn a_grant_has_a_subject() {
    for text in ["", " ", "a\nb", &"x".repeat(256)] {
        assert!(Grant::new(text, AUDIENCE).is_err() && Grant::new("alice", text).is_err());
    }
}

fn family(subject: &str, current: u8) -> RefreshFamily {
    RefreshFamily {
        grant: Grant::new(subject, AUDIENCE)
            .unwrap()
            .with_scopes("a b".parse().unwrap())
            .with_client_id("web"),
        current: TokenHash::from_bytes([current; 32]),
        previous: Some(TokenHash::from_bytes([current ^ 1; 32])),
        salt: Some(TokenSalt::from_bytes([current; 32])),
        began: UnixTime::from_secs(NOON - 60),
        rotated: UnixTime::from_secs(NOON),
        idle_until: UnixTime::from_secs(NOON + 60),
        expires: UnixTime::from_secs(NOON + 3600),
    }
}

/// What every store has to keep, with concurrent users.
async fn store_keeps_its_promises(store: impl RefreshStore + Clone) {
    let id = |at: u8| FamilyId::from_bytes([at; 16]);
    for at in 1..=3 {
        store.insert(id(at), family(if at == 3 { "bob" } else { "alice" }, at)).await.unwrap();
    }
    assert_eq!(store.load(&id(1)).await.unwrap(), Some(family("alice", 1)));
    assert_eq!(store.load(&id(9)).await.unwrap(), None);

    // Exactly the newest token lets a family change, and of many changes at once one is made.
    let old = TokenHash::from_bytes([1; 32]);
    assert!(!store.replace(&id(1), &TokenHash::from_bytes([0; 32]), family("alice", 7)).await.unwrap());
    assert!(!store.replace(&id(9), &old, family("alice", 7)).await.unwrap());
    let tasks: Vec<_> = (100..200)
        .map(|next| {
            let (store, old) = (store.clone(), old.clone());
            tokio::spawn(async move {
                store.replace(&FamilyId::from_bytes([1; 16]), &old, family("alice", next)).await
            })
        })
        .collect();
    let mut changes = 0;
    for task in tasks {
        changes += usize::from(task.await.unwrap().unwrap());
    }
    assert_eq!(changes, 1);
    assert!(store.load(&id(1)).await.unwrap().unwrap().current.as_bytes()[0] >= 100);
    assert_eq!(store.load(&id(2)).await.unwrap(), Some(family("alice", 2)));

    store.remove(&id(2)).await.unwrap();
    store.remove(&id(2)).await.unwrap();
    assert_eq!(store.load(&id(2)).await.unwrap(), None);
    assert!(!store.replace(&id(2), &TokenHash::from_bytes([2; 32]), family("alice", 7)).await.unwrap());
    store.insert(id(4), family("alice", 4)).await.unwrap();
    store.remove_subject("alice").await.unwrap();
    store.remove_subject("anonymous").await.unwrap();
    for (at, is_there) in [(1, false), (2, false), (3, true), (4, false)] {
        assert_eq!(store.load(&id(at)).await.unwrap().is_some(), is_there, "{at}");
    }
    store.remove(&id(3)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_keeps_its_promises() {
    store_keeps_its_promises(Store::default()).await;
}

async fn redis_client(address: &str) -> Client {
    let client = Client::new(Config::from_url(address).unwrap(), None, None, None);
    client.init().await.unwrap();
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_keeps_its_promises() {
    let Some(address) = services::redis() else { return };
    let client = redis_client(&address).await;
    let prefix = format!("test:{}", URL_SAFE_NO_PAD.encode(rand_bytes()));
    let store = RedisRefreshStore::new(client.clone()).with_prefix(&prefix);
    store_keeps_its_promises(store.clone()).await;

    // Another machine goes on with the family, and what is written down is of no use to a thief.
    let clock = clock();
    let here = RefreshTokens::new(store.clone()).with_clock(clock.clone());
    let first = here.start(grant()).await.unwrap();
    let there = RefreshTokens::new(RedisRefreshStore::new(redis_client(&address).await).with_prefix(&prefix))
        .with_clock(clock.clone());
    let second = next(&there, &first).await;
    let id: [u8; 16] = URL_SAFE_NO_PAD.decode(first.as_str()).unwrap()[..16].try_into().unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let key = format!("{prefix}:family:{}", hex(&id));
    let kept: Vec<String> = client.hvals(&key).await.unwrap();
    for token in [&first, &second] {
        let secret = URL_SAFE_NO_PAD.decode(token.as_str()).unwrap()[16..].to_vec();
        assert!(
            kept.iter().all(|value| !value.contains(&hex(&secret)) && !value.contains(&token.as_str()[22..]))
        );
    }
    // What is of no use is not kept for ever.
    let (family, subject): (i64, i64) =
        (client.ttl(&key).await.unwrap(), client.ttl(format!("{prefix}:subject:alice")).await.unwrap());
    assert!((14 * 24 * 3600..15 * 24 * 3600).contains(&family), "{family}");
    assert!((90 * 24 * 3600..91 * 24 * 3600).contains(&subject), "{subject}");

    assert_eq!(kind(&here, first.as_str()).await, RefreshErrorKind::Reused);
    assert_eq!(kind(&there, second.as_str()).await, RefreshErrorKind::Invalid);

    // A foreign value there is an error, and no token.
    let token = here.start(grant()).await.unwrap();
    let id: [u8; 16] = URL_SAFE_NO_PAD.decode(token.as_str()).unwrap()[..16].try_into().unwrap();
    let key = format!("{prefix}:family:{}", hex(&id));
    client.hset::<(), _, _>(&key, ("family", "{}")).await.unwrap();
    assert_eq!(kind(&here, token.as_str()).await, RefreshErrorKind::Unavailable);
    client.quit().await.unwrap();
    assert_eq!(kind(&here, token.as_str()).await, RefreshErrorKind::Unavailable, "the connection is closed");
    assert!(!format!("{store:?}").contains("127.0.0.1"));
}

fn rand_bytes() -> [u8; 8] {
    std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), NOON).to_be_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Uses of any tokens in any order, against the model "only the newest, and only while none was used twice".
    #[test]
    fn any_order_of_uses(uses in prop::collection::vec(0..6_usize, 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (store, clock) = (Store::default(), clock());
            let tokens = tokens(&store, &clock);
            let mut chain = vec![tokens.start(grant()).await.unwrap()];
            let mut is_alive = true;
            for back in uses {
                let at = chain.len() - 1 - back.min(chain.len() - 1);
                let answer = tokens.refresh(chain[at].as_str(), None).await;
                let is_newest = at == chain.len() - 1;
                assert_eq!(answer.is_ok(), is_alive && is_newest);
                is_alive &= is_newest;
                if let Ok(refreshed) = answer {
                    chain.push(refreshed.token().unwrap().clone());
                }
            }
            assert_eq!(store.memory.len(), usize::from(is_alive));
        });
    }
}
