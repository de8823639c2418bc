//! Replay: `BearerJwt::with_single_use` never accepts a used token again, on any instance.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]

use std::{
    collections::HashSet,
    future::ready,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, BoxError, Claims, FirstOf, Groups, Identity, IdentityPolicy, KeyRing,
    LoginOptions, TicketCookie, UserId, acl, acl_required, async_trait, auth_required,
    clock::UnixTime,
    guard,
    identity::{ChangeContext, CredentialId, Effects, Identification, Identified, IdentityError, Incoming},
    jwt::{
        BearerJwt, JwtIssuer, MemoryReplayCache, RedisReplayCache, ReplayCache, RingKeys, TokenUse,
        WebSocketQuery,
    },
    revocation::{MemoryRevocation, Revocation},
    testing::{
        FrozenClock,
        conformance::{self as suite, Subject},
    },
    watch::{EndReason, Watch},
};
use axum::{
    Extension, Router,
    http::{Request, StatusCode, header, request::Builder},
    routing::{any, get},
};
use fred::{
    clients::Client,
    interfaces::{ClientLike as _, KeysInterface as _},
    types::config::Config,
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    redis_server::RedisServer,
    services,
    support::{self, Answer, Log},
    tokens::{
        self, AUDIENCE, ISSUER, NOON, claims, header as head, sign, valid, with, with_claims, with_header,
    },
};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
const MINUTE: Duration = Duration::from_mins(1);

/// A cache that counts, and fails on request.
#[derive(Clone, Default)]
struct Counted {
    memory: MemoryReplayCache,
    asked: Arc<AtomicUsize>,
    is_down: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<TokenUse>>>,
}

impl Counted {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl ReplayCache for Counted {
    async fn use_once(&self, token: &TokenUse) -> Result<bool, BoxError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.seen.lock().unwrap().push(*token);
        tokio::task::yield_now().await;
        if self.is_down.load(Ordering::SeqCst) {
            return Err("the cache is down".into());
        }
        self.memory.use_once(token).await
    }

    async fn is_used(&self, token: &TokenUse) -> Result<bool, BoxError> {
        self.memory.is_used(token).await
    }
}

#[derive(serde::Deserialize)]
struct Named {
    jti: String,
}

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

#[acl_required("view", ARTICLES)]
async fn view(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

/// Asks in every way that there is.
#[acl_required("edit", ARTICLES)]
async fn edit(auth: Auth, user: UserId, named: Claims<Named>) -> Result<String, AuthError> {
    let (again, id) = (auth.user_id().await?.unwrap(), auth.credential_id().await?.unwrap());
    assert!(auth.permits("edit", ARTICLES).await?);
    assert_eq!((&again, named.jti.as_str()), (&user, id.as_str()));
    Ok(format!("{user} in {}", auth.groups().await?.unwrap().contains("editors")))
}

async fn public() -> &'static str {
    "public"
}

/// What the last handler made.
type Made = Extension<Arc<Mutex<Option<Watch>>>>;

async fn watched(auth: Auth, made: Made) -> Result<(), AuthError> {
    *made.0.lock().unwrap() = Some(auth.watch_user().await?);
    Ok(())
}

async fn watched_view(auth: Auth, made: Made) -> Result<(), AuthError> {
    *made.0.lock().unwrap() = Some(auth.watch("view", ARTICLES).await?);
    Ok(())
}

fn plain() -> BearerJwt {
    BearerJwt::new(tokens::verifying_key()).with_issuer(ISSUER).with_audience(AUDIENCE)
}

fn layer(policy: impl IdentityPolicy, clock: &FrozenClock) -> AuthLayer {
    AuthLayer::new(policy).with_clock(clock.clone()).with_groups(|user: Option<UserId>| async move {
        Ok(Some(user.map_or_else(Groups::none, |_| Groups::from(["editors"]))))
    })
}

fn app_with(layer: AuthLayer) -> Router {
    Router::new()
        .route("/me", any(me))
        .route("/view", any(view))
        .route("/edit", any(edit))
        .route("/inside", any(me).layer(guard::auth!()))
        .route("/public", any(public))
        .route("/watched", get(watched))
        .route("/watched-view", get(watched_view))
        .layer(layer)
}

fn app(policy: impl IdentityPolicy) -> Router {
    app_with(layer(policy, &FrozenClock::at(NOON)))
}

fn bearer(path: &str, token: &str) -> Builder {
    Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"))
}

async fn ask(app: &Router, path: &str, token: &str) -> Answer {
    support::ask(app, bearer(path, token)).await
}

async fn status(app: &Router, path: &str, token: &str) -> u16 {
    ask(app, path, token).await.status.as_u16()
}

/// A token of another name.
fn named(jti: &str) -> String {
    with_claims(&json!({ "jti": jti }))
}

fn kinds(told: &[support::Told]) -> Vec<&str> {
    told.iter().filter(|told| told.message == "token refused").map(|told| told.field("kind")).collect()
}

/// The second use is refused like any other bad token, wherever it comes; the log says why.
#[tokio::test]
async fn a_token_is_taken_once() {
    for path in ["/me", "/view", "/edit", "/inside"] {
        let app = app(plain().with_single_use(MemoryReplayCache::new()));
        let garbage = ask(&app, "/me", "garbage").await;
        let first = ask(&app, path, &valid()).await;
        assert_eq!((first.status, &first.text()[..5]), (StatusCode::OK, "alice"), "{path}");
        for again in ["/me", "/view", "/inside"] {
            let (refused, told) = Log::of(ask(&app, again, &valid())).await;
            assert_eq!((refused.status, refused.body), (garbage.status, garbage.body.clone()), "{again}");
            assert_eq!(refused.headers, garbage.headers, "{again}");
            assert_eq!(kinds(&told), ["Reused"], "{again}");
            let bad = told.iter().find(|told| told.message == "bad credential").unwrap();
            assert!(bad.field("error").contains("was used before"), "{bad:?}");
        }
        // A request that asks for no user does not use the token up, and is not rejected.
        assert_eq!(ask(&app, "/public", &valid()).await.text(), "public");
        assert_eq!(ask(&app, "/public", &named("t2")).await.text(), "public");
        assert_eq!(ask(&app, "/me", &named("t2")).await.text(), "alice");
    }
    // Without the option a token is good until it expires.
    let app = app(plain());
    for _ in 0..3 {
        assert_eq!(status(&app, "/me", &valid()).await, 200);
    }
}

/// Guards, extractors and handlers of one request are one use.
#[tokio::test]
async fn a_request_is_one_use() {
    for path in ["/me", "/view", "/edit", "/inside"] {
        let cache = Counted::default();
        let app = app(plain().with_single_use(cache.clone()));
        assert_eq!(status(&app, path, &valid()).await, 200, "{path}");
        assert_eq!((cache.asked(), cache.memory.len()), (1, 1), "{path}");
    }
}

#[tokio::test]
async fn a_used_token_may_count_as_none() {
    let app = app(plain().with_bad_tokens_as_anonymous().with_single_use(MemoryReplayCache::new()));
    assert_eq!(ask(&app, "/view", &valid()).await.text(), "alice");
    assert_eq!(ask(&app, "/view", &valid()).await.text(), "anonymous");
    assert_eq!(status(&app, "/me", &valid()).await, 401);
}

/// A token without an id or an expiry cannot be recorded, and is rejected.
#[tokio::test]
async fn a_token_needs_a_name_and_an_end() {
    let cache = MemoryReplayCache::new();
    // In both orders of the options.
    let policies = [
        plain().with_single_use(cache.clone()).allow_missing_expiry(),
        plain().allow_missing_expiry().with_single_use(cache.clone()),
    ];
    for policy in policies {
        let app = app(policy);
        for missing in [json!({ "jti": Value::Null }), json!({ "exp": Value::Null })] {
            let (refused, told) = Log::of(ask(&app, "/me", &with_claims(&missing))).await;
            assert_eq!(
                (refused.status, kinds(&told)),
                (StatusCode::UNAUTHORIZED, vec!["Claim"]),
                "{missing}"
            );
        }
    }
    assert!(cache.is_empty());
    // They are no worse without the option.
    let app = app(plain().allow_missing_expiry());
    for missing in [json!({ "jti": Value::Null }), json!({ "exp": Value::Null })] {
        assert_eq!(status(&app, "/me", &with_claims(&missing)).await, 200);
    }
}

/// A token cannot be used up without having it, nor before its time.
#[tokio::test]
async fn only_a_valid_token_is_used_up() {
    let (cache, clock) = (Counted::default(), FrozenClock::at(NOON));
    let policy = plain()
        .with_identity_mapper(|claims: &auth_runtime::jwt::VerifiedClaims| {
            Identity::new(claims.subject()?).ok()
        })
        .with_single_use(cache.clone());
    let app = app_with(layer(policy, &clock));
    let good = valid();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    let bad = [
        format!("{input}.{flipped}{}", &signature[1..]),
        format!("{input}."),
        format!("{good}."),
        with_claims(&json!({ "aud": "https://other.example" })),
        with_claims(&json!({ "iss": "https://other.example" })),
        with_claims(&json!({ "exp": NOON })),
        with_claims(&json!({ "nbf": NOON + 60 })),
        with_claims(&json!({ "iat": NOON + 60 })),
        with_claims(&json!({ "cnf": {} })),
        with_claims(&json!({ "sub": Value::Null })),
        with_claims(&json!({ "sub": "\n" })),
        with_header(&json!({ "typ": "JWT" })),
        with_header(&json!({ "alg": "none" })),
        with_header(&json!({ "kid": "k2" })),
    ];
    for token in &bad {
        assert_eq!(status(&app, "/me", token).await, 401, "{token}");
    }
    // A request with two tokens, or none.
    let twice = bearer("/me", &good).header(header::AUTHORIZATION, format!("Bearer {good}"));
    assert_eq!(support::ask(&app, twice).await.status, 401);
    assert_eq!(support::get(&app, "/me").await.status, 401);
    assert_eq!(cache.asked(), 0);
    assert_eq!(status(&app, "/me", &good).await, 200);
    // One that was presented before its time is good in its time.
    let later = with_claims(&json!({ "nbf": NOON + 60, "jti": "later" }));
    assert_eq!(status(&app, "/me", &later).await, 401);
    clock.advance(MINUTE);
    assert_eq!(status(&app, "/me", &later).await, 200);
    assert_eq!(status(&app, "/me", &later).await, 401);
}

/// Names are the issuer's own.
#[tokio::test]
async fn issuers_do_not_share_their_names() {
    let other = "https://other.example";
    let app = app(plain()
        .with_issuer(other)
        .allow_missing_issuer()
        .with_identity_claim("sub")
        .with_single_use(MemoryReplayCache::new()));
    let of = |issuer: Value, sub: &str| sign(head(), with(claims(), &json!({ "iss": issuer, "sub": sub })));
    for issuer in [json!(ISSUER), json!(other), Value::Null] {
        assert_eq!(status(&app, "/me", &of(issuer.clone(), "alice")).await, 200, "{issuer}");
        // Another token, of the same name and issuer.
        assert_eq!(status(&app, "/me", &of(issuer.clone(), "bob")).await, 401, "{issuer}");
    }
}

/// Of many requests with one token, one passes; others are not held up.
async fn assert_one_of_many(cache: impl ReplayCache + Clone, rounds: usize) {
    let apps = [app(plain().with_single_use(cache.clone())), app(plain().with_single_use(cache))];
    for round in 0..rounds {
        let tasks: Vec<_> = (0..60)
            .map(|at: usize| {
                let app = apps.iter().cycle().nth(at).unwrap().clone();
                let token = named(&format!("round {round} token {}", at % 3));
                tokio::spawn(async move { (at % 3, status(&app, "/me", &token).await) })
            })
            .collect();
        let mut passed = Vec::new();
        for task in tasks {
            let (token, status) = task.await.unwrap();
            assert!([200, 401].contains(&status), "{status}");
            passed.extend((status == 200).then_some(token));
        }
        passed.sort_unstable();
        assert_eq!(passed, [0, 1, 2]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_passes() {
    assert_one_of_many(MemoryReplayCache::new(), 50).await;
    assert_one_of_many(Counted::default(), 50).await;
}

/// A token that cannot be recorded is rejected, and no entry is evicted to make room.
#[tokio::test]
async fn a_full_cache_rejects_and_evicts_nothing() {
    let (cache, clock) = (MemoryReplayCache::new().with_capacity(3), FrozenClock::at(NOON));
    let policy = plain().with_expiry_leeway(MINUTE).unwrap().with_single_use(cache.clone());
    let app = app_with(layer(policy, &clock));
    let of = |at: u64, exp: u64| with_claims(&json!({ "jti": format!("t{at}"), "exp": exp }));
    for at in 0..3 {
        assert_eq!(status(&app, "/me", &of(at, NOON + 100 + at)).await, 200);
    }
    let (refused, told) = Log::of(ask(&app, "/me", &of(3, NOON + 300))).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let failed = told.iter().find(|told| told.message == "failed").unwrap();
    assert_eq!(failed.field("operation"), "identify");
    assert!(failed.field("source").contains("full"), "{failed:?}");
    assert!(format!("{cache:?}").contains("tokens: 3"), "{cache:?}");
    for at in 0..3 {
        assert_eq!(status(&app, "/me", &of(at, NOON + 100 + at)).await, 401);
    }
    // Until the last second in which it would be taken, and five minutes more for clocks that differ.
    clock.set(UnixTime::from_secs(NOON + 159));
    for at in 0..3 {
        let (_, told) = Log::of(ask(&app, "/me", &of(at, NOON + 100 + at))).await;
        assert_eq!(kinds(&told), ["Reused"], "{at}");
    }
    clock.set(UnixTime::from_secs(NOON + 100 + 60 + 300 - 1));
    assert_eq!(status(&app, "/me", &of(4, NOON + 1000)).await, 503);
    clock.advance(Duration::from_secs(1));
    assert_eq!(status(&app, "/me", &of(4, NOON + 1000)).await, 200);
    assert_eq!(status(&app, "/me", &of(5, NOON + 1000)).await, 503);
    clock.advance(Duration::from_secs(2));
    assert_eq!(status(&app, "/me", &of(5, NOON + 1000)).await, 200);
    assert_eq!(cache.len(), 2);
}

/// What is down is 503, and no handler runs.
#[tokio::test]
async fn a_cache_that_is_down_fails_closed() {
    let cache = Counted::default();
    cache.is_down.store(true, Ordering::SeqCst);
    for policy in [plain(), plain().with_bad_tokens_as_anonymous()] {
        let app = app(policy.with_single_use(cache.clone()));
        for path in ["/me", "/view", "/edit", "/inside"] {
            let (refused, told) = Log::of(ask(&app, path, &valid())).await;
            assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert!(
                told.iter().any(|told| told.message == "failed" && told.field("operation") == "identify")
            );
        }
        assert_eq!(status(&app, "/me", "garbage").await, 401);
    }
    cache.is_down.store(false, Ordering::SeqCst);
    assert_eq!(status(&app(plain().with_single_use(cache)), "/me", &valid()).await, 200);
}

/// What is remembered tells nothing of the token.
#[tokio::test]
async fn hashes_are_remembered() {
    let cache = Counted::default();
    let policy = plain().with_single_use(cache.clone());
    let token = with_claims(&json!({ "jti": "canary-name", "sub": "canary-user" }));
    let (_, told) = Log::of(async {
        ask(&app(policy.clone()), "/me", &token).await;
        ask(&app(policy.clone()), "/me", &token).await
    })
    .await;
    let seen = cache.seen.lock().unwrap().clone();
    let (first, second) = (seen.first().unwrap(), seen.get(1).unwrap());
    assert_eq!(first, second);
    assert_eq!((first.now().as_secs(), first.until().as_secs()), (NOON, NOON + 300 + 300));
    assert!(!String::from_utf8_lossy(first.hash()).contains("canary"));
    let shown = format!("{seen:?} {policy:?} {:?} {:?}", cache.memory, kinds(&told));
    assert!(!shown.contains("canary") && !format!("{told:?}").contains("canary-name"), "{shown}");
}

fn made() -> Arc<Mutex<Option<Watch>>> {
    Arc::default()
}

async fn watch(
    app: &Router,
    made: &Arc<Mutex<Option<Watch>>>,
    path: &str,
    request: Builder,
) -> (u16, Option<Watch>) {
    let app = app.clone().layer(Extension(Arc::clone(made)));
    let answer = support::ask(&app, request.uri(path)).await;
    (answer.status.as_u16(), made.lock().unwrap().take())
}

async fn is_open(watch: &mut Watch) -> bool {
    timeout(Duration::from_mins(10), watch).await.is_err()
}

/// A watch does not use the token again, notices changes, and does not admit a second request.
#[tokio::test(start_paused = true)]
async fn a_watch_does_not_use_the_token_again() {
    for mixed in [false, true] {
        let (cache, clock, made) = (Counted::default(), FrozenClock::at(NOON), made());
        let list = MemoryRevocation::new().with_clock(clock.clone());
        let policy = plain().with_single_use(cache.clone());
        let layer = if mixed {
            layer(FirstOf::new(TicketCookie::new(KeyRing::random())).then(policy), &clock)
        } else {
            layer(policy, &clock)
        };
        let app = app_with(layer.with_revocation(list.clone()));
        let begin = async |path: &str, jti: &str| watch(&app, &made, path, bearer(path, &named(jti))).await;

        for path in ["/watched", "/watched-view"] {
            let asked = cache.asked();
            let (status, hers) = begin(path, path).await;
            let mut hers = hers.unwrap();
            assert_eq!(status, 200, "{path}");
            assert!(is_open(&mut hers).await, "{path}");
            assert_eq!(cache.asked(), asked + 1, "it asked every 30 seconds: {path}");
            // Not even while it is open.
            let (status, second) = begin(path, path).await;
            assert!(status == 401 && second.is_none(), "{path}");
            assert!(is_open(&mut hers).await, "{path}");

            list.revoke_credential(&CredentialId::new(path).unwrap(), None).await.unwrap();
            assert_eq!(timeout(MINUTE, &mut hers).await.unwrap(), EndReason::Revoked, "{path}");
        }
        let (_, hers) = begin("/watched", "t3").await;
        let mut hers = hers.unwrap();
        clock.advance(Duration::from_secs(299));
        assert!(is_open(&mut hers).await);
        clock.advance(Duration::from_secs(1));
        assert_eq!(timeout(MINUTE, &mut hers).await.unwrap(), EndReason::SignedOut);
    }
}

/// An anonymous watch stays anonymous, also with a token that was used before.
#[tokio::test(start_paused = true)]
async fn a_watch_of_an_anonymous_request_stays_anonymous() {
    let (cache, made) = (Counted::default(), made());
    let app = app(plain().with_bad_tokens_as_anonymous().with_single_use(cache.clone()));
    assert_eq!(status(&app, "/me", &valid()).await, 200);
    let (status, nobody) = watch(&app, &made, "/watched-view", bearer("/watched-view", &valid())).await;
    assert_eq!(status, 200);
    assert!(is_open(&mut nobody.unwrap()).await);
    let (status, nobody) = watch(&app, &made, "/watched", bearer("/watched", &valid())).await;
    assert!(status == 401 && nobody.is_none());
}

/// A policy of the application's own whose credentials are good once, too.
#[derive(Clone, Default)]
struct Codes {
    used: Arc<Mutex<HashSet<String>>>,
    again: Arc<AtomicUsize>,
}

#[async_trait]
impl IdentityPolicy for Codes {
    fn identify<'a>(&'a self, request: &'a Incoming<'a>) -> Identification<'a> {
        auth_runtime::Answer::later(async move {
            let Some(code) = request.headers().get("x-code") else { return Ok(Identified::anonymous()) };
            let code = code.to_str().unwrap().to_owned();
            self.again.fetch_add(usize::from(request.is_asked_again()), Ordering::SeqCst);
            if !request.is_asked_again() && !self.used.lock().unwrap().insert(code.clone()) {
                return Ok(Identified::bad_credential());
            }
            Ok(Identity::new(code).map_or_else(|_| Identified::bad_credential(), Identified::known))
        })
    }

    async fn remember(
        &self,
        _: &ChangeContext<'_>,
        _: &Identity,
        _: &LoginOptions,
    ) -> Result<Effects, IdentityError> {
        Err(IdentityError::misconfigured("codes are sent by post"))
    }

    async fn forget(&self, _: &ChangeContext<'_>) -> Result<Effects, IdentityError> {
        Ok(Effects::none())
    }
}

#[tokio::test(start_paused = true)]
async fn policies_can_detect_that_a_watch_asks_again() {
    let (codes, made) = (Codes::default(), made());
    let app = app(codes.clone());
    let with_code = |path: &str| Request::get(path).header("x-code", "alice");
    let (status, watch) = watch(&app, &made, "/watched", with_code("/watched")).await;
    assert_eq!(status, 200);
    assert!(is_open(&mut watch.unwrap()).await);
    assert!(codes.again.load(Ordering::SeqCst) >= 20);
    let again = codes.again.load(Ordering::SeqCst);
    assert_eq!(support::ask(&app, with_code("/me")).await.status, 401);
    assert_eq!(codes.again.load(Ordering::SeqCst), again, "a request is not a watch");
}

/// With other policies, of which one has to be waited for, the very first request uses its token once.
#[tokio::test]
async fn one_of_several_policies_uses_it_once() {
    let cache = Counted::default();
    let policy = plain().with_single_use(cache.clone());
    let app = app(FirstOf::new(policy).then(Codes::default()).then(TicketCookie::new(KeyRing::random())));
    for at in 1..4 {
        let token = named(&at.to_string());
        assert_eq!(ask(&app, "/me", &token).await.text(), "alice");
        assert_eq!(cache.asked(), at);
        assert_eq!(status(&app, "/me", &token).await, 401);
        cache.asked.fetch_sub(1, Ordering::SeqCst);
    }
    let with_code = |code: &str| Request::get("/me").header("x-code", code);
    assert_eq!(support::ask(&app, with_code("bob")).await.text(), "bob");
    assert_eq!(cache.asked(), 3);
}

/// Two layers ask each for itself, so both cannot have one token; one without a guard does not use it.
#[tokio::test]
async fn two_layers_are_two_uses() {
    let (cache, clock) = (Counted::default(), FrozenClock::at(NOON));
    let policy = plain().with_single_use(cache.clone());
    let inner = app_with(layer(policy.clone(), &clock));
    let silent = inner.clone().layer(layer(policy.clone(), &clock));
    assert_eq!(status(&silent, "/me", &named("t1")).await, 200);
    let asking = inner.layer(guard::auth!()).layer(layer(policy, &clock));
    assert_eq!(status(&asking, "/me", &named("t2")).await, 401);
    assert_eq!(cache.asked(), 3);
}

/// A token in an address is in many logs; used once it is worth nothing there.
#[tokio::test]
async fn a_token_in_an_address_opens_one_socket() {
    let policy = plain()
        .with_token_getter(WebSocketQuery::insecure("token"))
        .with_single_use(MemoryReplayCache::new());
    let app = app(policy);
    let socket = || {
        Request::get(format!("/me?token={}", valid()))
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, "AAAAAAAAAAAAAAAAAAAAAA==")
    };
    assert_eq!(support::ask(&app, socket()).await.text(), "alice");
    assert_eq!(support::ask(&app, socket()).await.status, 401);
}

async fn connected(address: &str) -> Client {
    let client = Client::new(Config::from_url(address).unwrap(), None, None, None);
    client.init().await.unwrap();
    client
}

/// A prefix that no other run of this test has.
fn prefix() -> String {
    let random = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), NOON);
    format!("test:{random:x}")
}

/// Several machines, one server.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn machines_share_what_was_used() {
    let Some(address) = services::redis() else { return };
    let (here, there, prefix) = (connected(&address).await, connected(&address).await, prefix());
    let cache = |client: &Client| RedisReplayCache::new(client.clone()).with_prefix(&prefix);
    assert_one_of_many(cache(&here), 20).await;

    let [one, other] = [&here, &there].map(|client| app(plain().with_single_use(cache(client))));
    let token = named("canary");
    assert_eq!(status(&one, "/me", &token).await, 200);
    for app in [&one, &other] {
        let (refused, told) = Log::of(ask(app, "/me", &token)).await;
        assert_eq!((refused.status, kinds(&told)), (StatusCode::UNAUTHORIZED, vec!["Reused"]));
    }
    // The longest life that there is.
    let long = with_claims(&json!({ "jti": "long", "exp": 1_u64 << 53 }));
    assert_eq!((status(&one, "/me", &long).await, status(&other, "/me", &long).await), (200, 401));
    // Another prefix is another list.
    let elsewhere = RedisReplayCache::new(there.clone()).with_prefix(format!("{prefix}:other"));
    assert_eq!(status(&app(plain().with_single_use(elsewhere)), "/me", &token).await, 200);

    // Of the application's clock counts only how long the token has to live.
    let token = TokenUse::new([7; 32], UnixTime::from_secs(1), UnixTime::from_secs(1001));
    assert!(cache(&here).use_once(&token).await.unwrap());
    assert!(!cache(&there).use_once(&token).await.unwrap());
    let key = format!("{prefix}:{}", tokens::encode([7; 32]));
    let left: i64 = here.ttl(&key).await.unwrap();
    assert!((990..=1000).contains(&left), "{left}");
    assert_eq!(here.get::<Option<String>, _>(&key).await.unwrap().as_deref(), Some(""));
    assert!(!format!("{:?}", cache(&here)).contains("127.0.0.1"));
}

/// A server that is gone cannot distinguish a first use from a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_gone_fails_closed() {
    let Some(mut server) = RedisServer::start() else { return };
    let app = app(plain().with_single_use(RedisReplayCache::new(connected(&server.address()).await)));
    assert_eq!(status(&app, "/me", &valid()).await, 200);
    server.kill();
    for token in [valid(), named("t2")] {
        // A hang would be a fault, too.
        let asked = timeout(Duration::from_mins(5), Log::of(ask(&app, "/me", &token)));
        let (refused, told) = asked.await.unwrap();
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(told.iter().any(|told| told.message == "failed"));
    }
}

/// A subject whose credentials are good once.
async fn subject() -> Subject {
    let keys = RingKeys::new(KeyRing::random());
    let cache = Counted::default();
    let is_down = Arc::clone(&cache.is_down);
    let policy = |keys: RingKeys| {
        let policy = BearerJwt::new(keys).with_issuer(ISSUER).with_audience(AUDIENCE);
        policy.with_single_use(cache.clone())
    };
    let issuer = JwtIssuer::new(keys.clone(), ISSUER).unwrap();
    let present = move |identity: Identity, now: UnixTime| {
        let issuer = issuer.clone().with_clock(FrozenClock::at(now.as_secs()));
        let token = issuer.access_token(identity.as_str(), AUDIENCE).issue();
        ready(token.ok().map(|token| {
            let request =
                Request::get("/").header(header::AUTHORIZATION, format!("Bearer {}", token.as_str()));
            request.body(()).unwrap().into_parts().0
        }))
    };
    Subject::presenting(policy(keys), present)
        .stateless()
        .with_failing_store(move || is_down.store(true, Ordering::SeqCst))
        .with_other_application(policy(RingKeys::new(KeyRing::random())))
}

/// Some of the suite's tests present a credential more than once; the others hold here, too.
#[test]
fn it_passes_what_applies_of_the_suite() {
    suite::run(subject, suite::a_cookie_is_found_in_every_header);
    suite::run(subject, suite::a_log_in_drops_what_another_user_kept);
    suite::run(subject, suite::a_request_without_a_credential_is_anonymous);
    suite::run(subject, suite::a_rotation_gives_another_credential);
    suite::run(subject, suite::a_store_that_fails_is_unavailable);
    suite::run(subject, suite::ambience_is_declared_correctly);
    suite::run(subject, suite::another_application_takes_no_credentials);
    suite::run(subject, suite::another_log_in_replaces_the_first);
    suite::run(subject, suite::invalid_credentials_are_anonymous_and_indistinguishable);
    suite::run(subject, suite::challenges_ask_for_what_there_is);
    suite::run(subject, suite::cookies_are_safe);
    suite::run(subject, suite::effects_are_on_every_kind_of_response);
    suite::run(subject, suite::hostile_headers_cause_no_server_error);
    suite::run(subject, suite::nothing_secret_is_printed);
    suite::run(subject, suite::renewal_changes_no_user_and_no_limit);
    suite::run(subject, suite::two_valid_credentials_are_no_choice);
    suite::run(subject, suite::vary_names_what_is_read);
    suite::run(subject, suite::what_is_forgotten_is_gone);
    suite::run(subject, suite::what_is_stored_is_found_again);
}
