//! What `ApiKey` promises: who has the secret is the owner, for what the key is for, until it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    ApiKey, Auth, AuthError, AuthLayer, Identity, IdentityPolicy, UserId, auth_required,
    clock::UnixTime,
    identity::{
        ApiKeyErrorKind, ApiKeyRecord, ApiKeyStore, CredentialId, Identified, Incoming, MemoryApiKeys,
        NewApiKey, Scopes,
    },
    testing::FrozenClock,
};
use axum::{
    Router,
    http::{HeaderName, Request, StatusCode, header},
    routing::{any, post},
};

use crate::support::{self, Answer, Log};

const NOON: u64 = 1_700_000_000;

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(seconds)
}

fn issue(owner: &str) -> (NewApiKey, ApiKeyRecord) {
    ApiKeyRecord::issue("shop", Identity::new(owner).unwrap(), at(NOON)).unwrap()
}

#[auth_required]
async fn profile(user: UserId) -> String {
    user.to_string()
}

async fn maybe(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

async fn login(auth: Auth) -> Result<(), AuthError> {
    auth.remember("alice").await
}

async fn logout(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

fn app_at(policy: impl IdentityPolicy, clock: &FrozenClock) -> Router {
    Router::new()
        .route("/profile", any(profile))
        .route("/maybe", any(maybe))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .layer(AuthLayer::new(policy).with_clock(clock.clone()))
}

fn app(policy: impl IdentityPolicy) -> Router {
    app_at(policy, &FrozenClock::at(NOON))
}

async fn ask(app: &Router, path: &str, name: &str, value: &str) -> Answer {
    support::ask(app, Request::get(path).header(name, value)).await
}

fn identify(policy: &impl IdentityPolicy, key: &str) -> Identified {
    let (parts, ()) = Request::builder().header("x-api-key", key).body(()).unwrap().into_parts();
    policy.identify(&Incoming::new(&parts, None, at(NOON))).now().unwrap().unwrap()
}

#[tokio::test]
async fn a_key_speaks_for_its_owner() {
    let keys = MemoryApiKeys::new();
    let (key, record) = issue("alice");
    let scopes: Scopes = "orders:read orders:write".parse().unwrap();
    keys.add(record.clone().with_scopes(scopes.clone()));
    let found = identify(&ApiKey::new(keys.clone()), key.expose());
    assert_eq!(found.identity().unwrap().as_str(), "alice");
    assert_eq!(found.credential_id(), Some(record.id()));
    assert_eq!((found.scopes(), found.issued_at()), (Some(&scopes), Some(at(NOON))));
    // A request with a key is not a log-in of its owner.
    assert_eq!(found.authenticated_at(), None);
    let answer = ask(&app(ApiKey::new(keys)), "/profile", "x-api-key", key.expose()).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "alice"));
    assert_eq!(answer.header("vary"), "x-api-key");
}

#[tokio::test]
async fn a_key_is_sent_where_the_application_wants_it() {
    let keys = MemoryApiKeys::new();
    let (key, record) = issue("alice");
    keys.add(record);
    let key = key.expose();
    let own = HeaderName::from_static("x-shop-key");
    let (plain, api_key, bearer) = (key.to_owned(), format!("ApiKey {key}"), format!("bearer {key}"));
    let places = [
        (app(ApiKey::new(keys.clone())), "x-api-key", &plain, "ApiKey"),
        (app(ApiKey::new(keys.clone()).in_header(own)), "x-shop-key", &plain, "ApiKey"),
        (app(ApiKey::new(keys.clone()).in_authorization()), "authorization", &api_key, "ApiKey"),
        (app(ApiKey::new(keys.clone()).in_bearer_token()), "authorization", &bearer, "Bearer"),
    ];
    for (at, (app, name, value, scheme)) in places.iter().enumerate() {
        let answer = support::get(app, "/profile").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("www-authenticate"), format!("{scheme} realm=\"restricted\""));
        for (other, (_, name, value, _)) in places.iter().enumerate() {
            let answer = ask(app, "/maybe", name, value).await;
            assert_eq!(answer.text(), if at == other { "alice" } else { "anonymous" }, "{at} {other}");
        }
        // Twice is once too often.
        let twice = Request::get("/maybe").header(*name, *value).header(*name, *value);
        assert_eq!(support::ask(app, twice).await.status, StatusCode::UNAUTHORIZED);
    }
    let named = ApiKey::new(keys.clone()).with_realm("a b").unwrap().in_bearer_token();
    assert_eq!(named.challenge(), "Bearer realm=\"a b\"");
    assert!(ApiKey::new(keys).with_realm("é").is_err());
}

// The same bytes for all reasons
#[tokio::test]
async fn every_other_key_is_refused_all_alike() {
    let keys = MemoryApiKeys::new();
    let (key, record) = issue("alice");
    keys.add(record);
    let (unknown, _) = issue("alice");
    let (other, other_record) = issue("bob");
    keys.add(other_record);
    let (expired, record) = issue("alice");
    keys.add(record.with_expiry(at(NOON)));
    let (revoked, record) = issue("alice");
    keys.add(record.with_revocation(at(NOON)));
    // A record of the right id with another key's hash.
    let (swapped, record) = issue("alice");
    let (_, stranger) = issue("alice");
    keys.add(ApiKeyRecord::new(record.id().clone(), *stranger.hash(), record.owner().clone(), at(NOON)));
    // A store that answers with another key's record.
    let wrong_id = key.expose().replace(&key.expose()[5..21], &other.expose()[5..21]);
    let app = app(ApiKey::new(keys));
    let mut bodies = HashSet::new();
    for text in [
        unknown.expose(),
        expired.expose(),
        revoked.expose(),
        swapped.expose(),
        &wrong_id,
        &key.expose().to_uppercase(),
        &key.expose()[..key.expose().len() - 1],
        &format!("{}0", key.expose()),
        "shop",
        "",
        "Bearer x",
        &"_".repeat(4000),
    ] {
        for path in ["/profile", "/maybe"] {
            let answer = ask(&app, path, "x-api-key", text).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {text}");
            bodies.insert((answer.body, answer.headers.get(header::WWW_AUTHENTICATE).cloned()));
        }
    }
    let not_text = Request::get("/maybe").header("x-api-key", &b"\xff\xfe"[..]);
    let answer = support::ask(&app, not_text).await;
    bodies.insert((answer.body, answer.headers.get(header::WWW_AUTHENTICATE).cloned()));
    assert_eq!(bodies.len(), 1);
    assert_eq!(ask(&app, "/profile", "x-api-key", key.expose()).await.text(), "alice");
}

#[tokio::test]
async fn a_key_ends_at_its_time_or_when_it_is_revoked() {
    let (clock, keys) = (FrozenClock::at(NOON), MemoryApiKeys::new());
    let (key, record) = issue("alice");
    let id = record.id().clone();
    keys.add(record.with_expiry(at(NOON + 60)));
    let (lasting, record) = issue("alice");
    keys.add(record);
    let app = app_at(ApiKey::new(keys.clone()), &clock);
    clock.advance(Duration::from_secs(59));
    assert_eq!(ask(&app, "/profile", "x-api-key", key.expose()).await.status, StatusCode::OK);
    clock.advance(Duration::from_secs(1));
    assert_eq!(ask(&app, "/profile", "x-api-key", key.expose()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&app, "/profile", "x-api-key", lasting.expose()).await.status, StatusCode::OK);

    let lasting_id = keys
        .of(&Identity::new("alice").unwrap())
        .iter()
        .find(|record| *record.id() != id)
        .unwrap()
        .id()
        .clone();
    assert!(keys.revoke(&lasting_id, at(NOON + 60)));
    assert!(keys.revoke(&lasting_id, at(NOON + 90)));
    let records = keys.of(&Identity::new("alice").unwrap());
    assert_eq!(
        records.iter().find(|record| *record.id() == lasting_id).unwrap().revoked(),
        Some(at(NOON + 60))
    );
    assert_eq!(ask(&app, "/profile", "x-api-key", lasting.expose()).await.status, StatusCode::UNAUTHORIZED);
    assert!(!keys.revoke(&CredentialId::new("other").unwrap(), at(NOON)));
    assert!(keys.of(&Identity::new("bob").unwrap()).is_empty());
}

#[tokio::test]
async fn the_record_is_enough_for_a_database() {
    let (key, record) = issue("alice");
    let record = record.with_scopes("a b".parse().unwrap()).with_expiry(at(NOON + 9));
    // What a table keeps, and what is made of it.
    let row = (
        record.id().to_string(),
        *record.hash(),
        record.owner().as_str().to_owned(),
        record.scopes().to_string(),
    );
    let again = ApiKeyRecord::new(row.0.parse().unwrap(), row.1, row.2.parse().unwrap(), record.created())
        .with_scopes(row.3.parse().unwrap())
        .with_expiry(record.expires().unwrap());
    assert_eq!(again, record);
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    let store = move |id: CredentialId| {
        let found = (id == *again.id()).then(|| again.clone());
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::task::yield_now().await;
            Ok(found)
        }
    };
    let app = app(ApiKey::new(store));
    assert_eq!(ask(&app, "/profile", "x-api-key", key.expose()).await.text(), "alice");
    assert_eq!(asked.swap(0, Ordering::SeqCst), 1);
    // A text that is not a key costs no look-up.
    for text in ["junk".to_owned(), key.expose().replace('a', "b"), key.expose().replace("shop", "ship")] {
        if text != key.expose() {
            assert_eq!(ask(&app, "/profile", "x-api-key", &text).await.status, StatusCode::UNAUTHORIZED);
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_store_that_is_down_is_neither_yes_nor_no() {
    let app = app(ApiKey::new(|_: CredentialId| async { Err("the table is locked".into()) }));
    let (key, _) = issue("alice");
    for path in ["/profile", "/maybe"] {
        assert_eq!(ask(&app, path, "x-api-key", key.expose()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[tokio::test]
async fn a_prefix_tells_keys_apart() {
    let keys = MemoryApiKeys::new();
    let (key, record) = issue("alice");
    keys.add(record);
    let shop = app(ApiKey::new(keys.clone()).with_prefix("shop").unwrap());
    assert_eq!(ask(&shop, "/maybe", "x-api-key", key.expose()).await.text(), "alice");
    let bank = app(ApiKey::new(keys.clone()).with_prefix("bank").unwrap());
    assert_eq!(ask(&bank, "/maybe", "x-api-key", key.expose()).await.status, StatusCode::UNAUTHORIZED);
    // Among bearer tokens, one with another prefix belongs to another policy.
    let bank = app(ApiKey::new(keys.clone()).with_prefix("bank").unwrap().in_bearer_token());
    let bearer = format!("Bearer {}", key.expose());
    assert_eq!(ask(&bank, "/maybe", "authorization", &bearer).await.text(), "anonymous");
    for prefix in ["", "a_b", "é", "a b", "seventeen-letters", &"x".repeat(17)] {
        assert_eq!(
            ApiKey::new(keys.clone()).with_prefix(prefix).unwrap_err().kind(),
            ApiKeyErrorKind::Prefix
        );
        let owner = Identity::new("alice").unwrap();
        assert_eq!(ApiKeyRecord::issue(prefix, owner, at(NOON)).unwrap_err().kind(), ApiKeyErrorKind::Prefix);
    }
}

#[tokio::test]
async fn other_sites_cannot_send_a_key() {
    let keys = MemoryApiKeys::new();
    let (key, record) = issue("alice");
    keys.add(record);
    let request =
        Request::post("/profile").header("sec-fetch-site", "cross-site").header("x-api-key", key.expose());
    assert_eq!(
        support::ask(&app(ApiKey::new(keys)), request).await.status,
        StatusCode::OK,
        "so it is the client's own"
    );
}

#[tokio::test]
async fn there_is_no_log_in_and_no_log_out() {
    let app = app(ApiKey::new(MemoryApiKeys::new()));
    for path in ["/login", "/logout"] {
        let (answer, told) = Log::of(support::ask(&app, Request::post(path))).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(told.iter().any(|told| told.message == "failed" && told.field("error").contains("API key")));
    }
}

#[tokio::test]
async fn keys_differ_and_no_secret_is_printed() {
    let mut seen = HashSet::new();
    for _ in 0..1000 {
        let (key, record) = issue("alice");
        assert!(seen.insert(key.expose()[22..].to_owned()) && seen.insert(record.id().to_string()));
    }
    let (key, record) = issue("alice");
    let keys = MemoryApiKeys::new();
    keys.add(record.clone());
    let secret = &key.expose()[22..];
    let policy = ApiKey::new(keys.clone());
    let shown = format!("{key:?} {record:?} {keys:?} {policy:?} {:?}", identify(&policy, key.expose()));
    let (_, told) = Log::of(ask(&app(policy), "/profile", "x-api-key", key.expose())).await;
    assert!(!shown.contains(secret) && !format!("{told:?}").contains(secret));
    let found = keys.find(record.id().clone()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&record));
}
