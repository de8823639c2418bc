//! What else `SessionIdentity` promises: what it does not do, what it refuses, and what `SessionTicket` adds.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Identity, IdentityPolicy as _, Key, KeyRing, SessionIdentity, async_trait,
    clock::Clock as _,
    identity::{
        CredentialId,
        cookie::{CookieConfig, SameSite},
        session::{MemorySessions, SessionTicket},
    },
    keys::{KeyState, Rotation},
};
use axum::{
    extract::ConnectInfo,
    http::{Request, header, request::Builder},
};
use tower_sessions_core::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use crate::{
    session_support::{Browser, Fault, NAME, Told, app, clock},
    support::{self, Log},
};

#[tokio::test]
async fn a_flood_of_strangers_leaves_the_store_empty() {
    flood(10_000).await;
}

#[tokio::test]
#[ignore = "takes half a minute"]
async fn a_million_strangers_leave_the_store_empty() {
    flood(1_000_000).await;
}

// Strangers and invented cookies write nothing, are given nothing, and cost a look at the store at most.
async fn flood(strangers: usize) {
    let store = Told::default();
    let app = app(store.policy(), &clock());
    let mut browser = Browser::new(&app);
    for _ in 0..strangers {
        let answer = browser.get("/maybe").await;
        assert!(answer.set_cookie.is_empty() && answer.text == "anonymous");
    }
    assert_eq!(store.calls(), 0, "without a cookie there is nothing to be looked up");
    for at in 0..10_000_u32 {
        // Of 43 letters, the last one holds four bits.
        let answer = Browser::with_cookie(&app, &format!("{at:0>42}A")).get("/maybe").await;
        assert!(answer.set_cookie.is_empty() && answer.text == "anonymous");
    }
    assert!(store.memory.is_empty());
    let looked = store.calls();
    assert!((10_000..=30_000).contains(&looked), "{looked}");
    for value in
        ["", "x", "not+base64", &"A".repeat(42), &"B".repeat(43), &"A".repeat(44), &format!("{:0>43}", 1)]
    {
        Browser::with_cookie(&app, value).get("/maybe").await;
    }
    assert_eq!(store.calls(), looked, "what has not the form of a cookie is not looked up");
}

#[tokio::test]
async fn nothing_is_loaded_for_routes_that_ask_nothing() {
    let store = Told::default();
    let clock = clock();
    let mut browser = Browser::new(&app(store.policy(), &clock));
    browser.post("/login/alice").await;
    store.recover();
    assert_eq!(browser.get("/public").await.text, "public");
    assert_eq!(store.calls(), 0);
    assert_eq!(browser.user().await, "alice");
    assert_eq!(store.calls(), 3, "a session is three records, asked for at once");
    // What was used within the last minute is not written again.
    clock.advance(Duration::from_secs(59));
    browser.user().await;
    assert_eq!(store.calls(), 6);
    clock.advance(Duration::from_secs(1));
    browser.user().await;
    assert_eq!(store.calls(), 12);
    browser.user().await;
    assert_eq!(store.calls(), 15);
}

// What is not a record of ours is not a session, and is logged.
#[tokio::test]
async fn garbage_in_the_store_is_anonymous_and_logged() {
    for call in 0..3 {
        let store = Told::default();
        let mut browser = Browser::new(&app(store.policy(), &clock()));
        browser.post("/login/alice").await;
        store.fail(call..call + 1, Fault::Garbage);
        let (user, told) = Log::of(browser.user()).await;
        assert_eq!(user, "401");
        assert!(told.iter().any(|event| event.message == "session record refused"), "{told:?}");
        store.recover();
        assert_eq!(browser.user().await, "alice");
    }
}

// What the store's failure and a whole life of a session tell, and what they do not.
#[tokio::test]
async fn events_tell_failures_and_no_cookie() {
    let store = Told::default();
    let mut browser = Browser::new(&app(store.policy(), &clock()));
    let ((), told) = Log::of(async {
        browser.post("/login/alice").await;
        let cookie = browser.cookie.clone().unwrap();
        browser.post("/put/key/canary-value").await;
        browser.post("/rotate").await;
        let rotated = browser.cookie.clone().unwrap();
        Browser::with_cookie(&browser.app, &cookie).user().await;
        browser.user().await;
        store.fail(0..usize::MAX, Fault::Fails);
        browser.post("/logout").await;
        browser.cookie = Some(format!("{cookie} {rotated}"));
    })
    .await;
    let secrets = browser.cookie.unwrap();
    let failed =
        |operation| told.iter().any(|told| told.message == "failed" && told.field("operation") == operation);
    assert!(failed("identify") && failed("forget"), "{told:?}");
    assert!(
        told.iter().any(|told| told.message == "session refused" && told.field("reason") == "earlier value")
    );
    let text = format!("{told:?}");
    assert!(!text.contains("canary-value"));
    for value in secrets.split(' ') {
        for at in 0..=(value.len() - 8) {
            assert!(!text.contains(&value[at..at + 8]), "{text}");
        }
    }
}

/// A store in which the first names that are asked for are taken.
#[derive(Clone, Debug)]
struct Crowded {
    memory: MemorySessions,
    taken: Arc<AtomicUsize>,
}

#[async_trait]
impl SessionStore for Crowded {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        if self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            record.id = Id::default();
        }
        self.memory.create(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.memory.save(record).await
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.memory.load(id).await
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.memory.delete(id).await
    }
}

#[tokio::test]
async fn a_name_that_is_taken_is_not_adopted() {
    for taken in 0..6 {
        let memory = MemorySessions::new();
        let store = Crowded { memory: memory.clone(), taken: Arc::new(AtomicUsize::new(taken)) };
        let mut browser = Browser::new(&app(SessionIdentity::new(store), &clock()));
        let status = browser.status("/login/alice").await;
        // Three secrets are tried, and a store that has them all is not asked for ever.
        assert_eq!(status, if taken < 3 { 200 } else { 503 }, "{taken}");
        assert_eq!(browser.user().await, if taken < 3 { "alice" } else { "401" });
        assert_eq!(memory.len(), if taken < 3 { 3 } else { 0 });
    }
}

#[tokio::test]
async fn a_full_memory_rejects_new_sessions_and_evicts_none() {
    let memory = MemorySessions::new().with_capacity(3);
    let clock = clock();
    let app = app(SessionIdentity::in_memory(memory), &clock);
    let [mut first, mut second] = [Browser::new(&app), Browser::new(&app)];
    assert_eq!(first.status("/login/alice").await, 200);
    assert_eq!(second.status("/login/bob").await, 503);
    assert_eq!(second.status("/put/a/1").await, 503);
    assert_eq!((first.user().await.as_str(), second.user().await.as_str()), ("alice", "401"));
    clock.advance(Duration::from_hours(13));
    assert_eq!(second.status("/login/bob").await, 200, "what has expired makes room");
}

// What has ended by itself is none of those that are ended, as it is none of those that are listed.
#[tokio::test]
async fn only_sessions_that_are_valid_count() {
    let (store, clock) = (Told::default(), clock());
    let policy = store.policy();
    let sessions = policy.sessions().with_clock(clock.clone());
    let app = app(policy, &clock);
    let alice = Identity::new("alice").unwrap();
    let [mut idle, mut used, mut acting] = [Browser::new(&app), Browser::new(&app), Browser::new(&app)];
    for browser in [&mut idle, &mut used, &mut acting] {
        assert_eq!(browser.status("/login/alice").await, 200);
    }
    assert_eq!(acting.status("/act-as/bob").await, 200);
    let name = CredentialId::new(idle.get("/id").await.text).unwrap();
    clock.advance(Duration::from_mins(20));
    assert_eq!((used.user().await, acting.user().await), ("alice".into(), "bob".into()));
    clock.advance(Duration::from_mins(20));
    assert_eq!(sessions.list(&alice).await.unwrap().len(), 1);
    assert!(!sessions.end(&alice, &name).await.unwrap());
    assert_eq!(sessions.end_all(&alice).await.unwrap(), 2, "and the one in which she acts");
    assert_eq!(sessions.end_all(&alice).await.unwrap(), 0);
    for mut browser in [idle, used, acting] {
        assert_eq!(browser.user().await, "401");
    }
}

// One user who logs in again and again must not keep the others from logging in.
#[tokio::test]
async fn one_user_does_not_fill_the_store() {
    let (memory, clock) = (MemorySessions::new().with_capacity(400), clock());
    let app = app(SessionIdentity::in_memory(memory.clone()), &clock);
    let mut mallory = Vec::new();
    for _ in 0..500 {
        let mut browser = Browser::new(&app);
        assert_eq!(browser.status("/login/mallory").await, 200);
        mallory.push(browser);
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(memory.len(), 300, "a hundred sessions of three records; what was ended has left nothing");
    let mut bob = Browser::new(&app);
    assert_eq!((bob.status("/login/bob").await, bob.user().await.as_str()), (200, "bob"));
    let mut users = Vec::new();
    for at in [0, 399, 400, 499] {
        users.push(mallory[at].user().await);
    }
    assert_eq!(users, ["401", "401", "mallory", "mallory"], "the oldest end");
    // What is idle for too long leaves nothing, either, long before the absolute limit.
    clock.advance(Duration::from_mins(32));
    assert_eq!(bob.status("/login/bob").await, 200);
    assert_eq!(memory.len(), 3);
}

#[tokio::test]
async fn another_site_neither_reads_nor_replaces_an_anonymous_session() {
    let clock = clock();
    let lax = app(SessionIdentity::memory(), &clock);
    let cookie = CookieConfig::new().with_name(NAME).unwrap().with_same_site(SameSite::Strict).unwrap();
    let strict = app(SessionIdentity::memory().with_cookie(cookie), &clock);
    let link = |path: &str| Request::get(path).header("sec-fetch-site", "cross-site");
    let form = |path: &str| Request::post(path).header("sec-fetch-site", "cross-site");
    for app in [&lax, &strict] {
        let mut browser = Browser::new(app);
        assert_eq!(browser.status("/put/cart/book").await, 200);
        // As the session of a user: a link shows it, a form of another site gets nothing and changes nothing.
        assert_eq!(browser.send(link("/value/cart")).await.text, "book");
        for path in ["/value/cart", "/put/cart/pen", "/remove/cart"] {
            let answer = browser.send(form(path)).await;
            assert_eq!((answer.status.as_u16(), answer.set_cookie.len()), (403, 0), "{path}");
            assert!(!answer.text.contains("book"), "{path}");
        }
        assert_eq!(browser.get("/value/cart").await.text, "book");
        // A request without a session is not in anybody's name, and a form of another site still begins none.
        assert_eq!(Browser::new(app).send(form("/maybe")).await.text, "anonymous");
        assert_eq!(Browser::new(app).send(form("/put/cart/pen")).await.status.as_u16(), 403);
    }
    // A link from another site may begin a session, as that of a shop from a search engine does; but where
    // the browser withholds the cookie of a user, the new one would replace it.
    let answer = Browser::new(&lax).send(link("/put/cart/pen")).await;
    assert_eq!((answer.status.as_u16(), answer.set_cookie.len()), (200, 1));
    let answer = Browser::new(&strict).send(link("/put/cart/pen")).await;
    assert_eq!((answer.status.as_u16(), answer.set_cookie.len()), (403, 0));
}

#[tokio::test]
async fn strangers_leave_room_for_users() {
    let memory = MemorySessions::new().with_capacity(12);
    let app = app(SessionIdentity::in_memory(memory), &clock());
    let mut strangers = [(); 5].map(|()| Browser::new(&app));
    let mut statuses = Vec::new();
    for stranger in &mut strangers {
        statuses.push(stranger.status("/put/a/1").await);
    }
    assert_eq!(statuses, [200, 200, 200, 503, 503]);
    let mut user = Browser::new(&app);
    assert_eq!(user.status("/login/alice").await, 200);
    // Who has a session already keeps what they like in it.
    assert_eq!(strangers[0].status("/put/b/1").await, 200);
    assert_eq!(user.status("/put/a/1").await, 200);
}

#[tokio::test]
async fn anonymous_sessions_expire_earlier() {
    let clock = clock();
    let policy = SessionIdentity::memory().with_anonymous_limit(Duration::from_mins(10));
    let mut browser = Browser::new(&app(policy, &clock));
    let answer = browser.post("/put/a/1").await;
    assert!(answer.set_cookie[0].to_str().unwrap().ends_with("Max-Age=600"));
    clock.advance(Duration::from_secs(599));
    assert_eq!(browser.get("/value/a").await.text, "1");
    clock.advance(Duration::from_secs(1));
    assert_eq!(browser.get("/value/a").await.text, "");
    // Limits of less than a second are a mistake, and are said to be one.
    for policy in [
        SessionIdentity::memory().with_idle_limit(Duration::ZERO),
        SessionIdentity::memory().with_absolute_limit(Duration::from_millis(999)),
    ] {
        let mut browser = Browser::new(&app(policy, &clock));
        assert_eq!(browser.status("/login/alice").await, 500);
        assert!(browser.cookie.is_none());
    }
    let policy = SessionIdentity::memory().with_anonymous_limit(Duration::ZERO);
    assert_eq!(Browser::new(&app(policy, &clock)).status("/put/a/1").await, 500);
}

#[tokio::test]
async fn cookies_are_configured_as_those_of_tickets() {
    let memory = SessionIdentity::memory;
    assert!(memory().with_cookie_name("a b").is_err());
    assert!(memory().with_domain("example.com").is_err(), "the name promises that there is none");
    assert!(memory().with_path("/app").is_err());
    assert!(memory().with_realm("a\nb").is_err());
    assert!(memory().with_insecure_http_on_loopback().unwrap().with_same_site(SameSite::None).is_err());
    assert_eq!(memory().challenge(), "Cookie realm=\"restricted\"");
    assert_eq!(memory().with_realm("the \"shop\"").unwrap().challenge(), "Cookie realm=\"the \\\"shop\\\"\"");

    let config = CookieConfig::new().with_name("__Secure-s").unwrap();
    let policy = memory().with_cookie(config);
    let policy = policy.with_domain("example.com").unwrap().with_path("/app").unwrap();
    let policy = policy.with_same_site(SameSite::Strict).unwrap().with_cookie_name("__Secure-t").unwrap();
    let answer = support::ask(&app(policy, &clock()), Request::post("/login/alice")).await;
    let line = answer.header("set-cookie");
    let (pair, attributes) = line.split_once("; ").unwrap();
    assert!(pair.starts_with("__Secure-t="));
    assert_eq!(attributes, "HttpOnly; SameSite=Strict; Secure; Path=/app; Domain=example.com; Max-Age=43200");
}

#[tokio::test]
async fn cookies_without_https_are_for_this_machine_alone() {
    let policy = SessionIdentity::memory().with_insecure_http_on_loopback().unwrap();
    let app = app(policy, &clock());
    let from = |peer: &str, host: &str, request: Builder| {
        let peer: IpAddr = peer.parse().unwrap();
        request.header(header::HOST, host).extension(ConnectInfo(SocketAddr::from((peer, 50_000))))
    };
    // `Host` is the client's own text, and a page of another site may have a name that leads here.
    for (peer, host) in [("192.0.2.1", "localhost:3000"), ("127.0.0.1", "example.com")] {
        for path in ["/login/alice", "/put/a/1"] {
            let answer = support::ask(&app, from(peer, host, Request::post(path))).await;
            assert_eq!((answer.status.as_u16(), answer.cookies().len()), (500, 0), "{peer} {host} {path}");
        }
    }
    let behind_proxy = Request::post("/login/alice").header("x-forwarded-for", "127.0.0.1");
    assert_eq!(support::ask(&app, from("127.0.0.1", "localhost", behind_proxy)).await.status, 500);
    let answer = support::ask(&app, from("127.0.0.1", "localhost:3000", Request::post("/login/alice"))).await;
    let cookie = answer.cookies()[0].clone();
    assert!(cookie.starts_with("session="));
    for (peer, host, status) in [
        ("127.0.0.1", "localhost:3000", 200),
        ("::1", "127.0.0.1", 200),
        ("127.0.0.1", "example.com", 401),
        ("192.0.2.1", "localhost:3000", 401),
    ] {
        let request = from(peer, host, Request::get("/me")).header(header::COOKIE, &cookie);
        assert_eq!(support::ask(&app, request).await.status, status, "{peer} {host}");
    }
    // The log says how the server learns the address, at the log-in and where a cookie is not taken.
    for request in [Request::post("/login/alice"), Request::get("/me").header(header::COOKIE, &cookie)] {
        let request = request.header(header::HOST, "localhost");
        let (answer, told) = Log::of(support::ask(&app, request)).await;
        assert!(matches!(answer.status.as_u16(), 401 | 500) && answer.cookies().is_empty());
        let hint = "into_make_service_with_connect_info::<SocketAddr>()";
        assert!(told.iter().any(|told| told.field("error").contains(hint)), "{told:?}");
    }
}

/// Changes every record of a kind in the store, as an attacker with write access could.
async fn forge(store: &Told, from: &str, to: &str) {
    store.rewrite(|text| text.replace(from, to)).await;
}

// An attacker with write access to the store, but without a key, cannot become another user.
#[tokio::test]
async fn signed_sessions_cannot_be_made_in_the_store() {
    let key = |seed: u8| Key::from_bytes((seed..seed + 32).collect::<Vec<_>>()).unwrap();
    let ring = KeyRing::new(key(0));
    let store = Told::default();
    let clock = clock();
    let signed = |ring: KeyRing| app(SessionTicket::new(store.policy(), ring), &clock);
    let application = signed(ring.clone());
    let mut browser = Browser::new(&application);
    assert_eq!(browser.status("/login/alice").await, 200);
    assert_eq!(browser.user().await, "alice");
    // Data, rotation, renewal and log-out are those of the session, and the ticket is not among the data.
    assert_eq!(browser.status("/put/cart/book").await, 200);
    assert_eq!(browser.get(&format!("/value/{NAME}")).await.text, "");
    assert_eq!(browser.status(&format!("/put/{NAME}/forged")).await, 500);
    assert_eq!(browser.status("/rotate").await, 200);
    assert_eq!(
        (browser.user().await.as_str(), browser.get("/value/cart").await.text.as_str()),
        ("alice", "book")
    );
    for _ in 0..3 {
        clock.advance(Duration::from_mins(29));
        assert_eq!(browser.user().await, "alice");
    }
    // Another key, or none.
    Browser { app: signed(KeyRing::new(key(9))), cookie: browser.cookie.clone() }.expect("401").await;
    // The same store without signatures takes it, which is why a store has one or the other.
    Browser { app: app(store.policy(), &clock), cookie: browser.cookie.clone() }.expect("alice").await;

    forge(&store, "alice", "roots").await;
    browser.clone().expect("401").await;
    Browser { app: app(store.policy(), &clock), cookie: browser.cookie.clone() }.expect("roots").await;
    forge(&store, "roots", "alice").await;
    browser.clone().expect("alice").await;
    // A log-out ends it, also when the signature does not fit.
    forge(&store, "alice", "roots").await;
    let mut copy = browser.thief();
    assert_eq!(browser.status("/logout").await, 200);
    forge(&store, "roots", "alice").await;
    assert_eq!(copy.user().await, "401");

    // A ticket of one session is of no use in another.
    let [mut one, mut other] = [Browser::new(&application), Browser::new(&application)];
    one.post("/login/alice").await;
    other.post("/login/alice").await;
    store.swap_values().await;
    assert_eq!((one.user().await.as_str(), other.user().await.as_str()), ("401", "401"));
}

// What a guard goes by, such as a second factor, is signed like the identity.
#[tokio::test]
async fn tokens_and_public_data_are_signed_with_the_ticket() {
    let store = Told::default();
    let application = app(SessionTicket::new(store.policy(), KeyRing::random()), &clock());
    let mut plain = Browser::new(&application);
    assert_eq!(plain.status("/login/alice").await, 200);
    for (from, to) in
        [(r#""tokens":[]"#, r#""tokens":["mfa"]"#), (r#""public_data":"""#, r#""public_data":"theme=dark""#)]
    {
        forge(&store, from, to).await;
        plain.clone().expect("401").await;
        forge(&store, to, from).await;
        plain.clone().expect("alice").await;
    }
    let store = Told::default();
    let application = app(SessionTicket::new(store.policy(), KeyRing::random()), &clock());
    let mut full = Browser::new(&application);
    assert_eq!(full.status("/login-closing/alice").await, 200);
    assert_eq!(full.get("/details").await.text, r#"["mfa"] theme=dark None"#);
    for (from, to) in [
        (r#"["mfa"]"#, "[]"),
        (r#"["mfa"]"#, r#"["mfa","admin"]"#),
        (r#"["mfa"]"#, r#"["mf","a"]"#),
        ("theme=dark", "theme=lite"),
        (r#"["mfa"],"public_data":"theme=dark"#, r#"["mfa","theme=dark"],"public_data":""#),
    ] {
        let is_found = AtomicUsize::new(0);
        store
            .rewrite(|text| {
                is_found.fetch_add(usize::from(text.contains(from)), Ordering::Relaxed);
                text.replace(from, to)
            })
            .await;
        assert!(is_found.load(Ordering::Relaxed) > 0 || from.contains("public_data"), "{from}");
        let answer = full.clone().user().await;
        let is_changed = is_found.load(Ordering::Relaxed) > 0;
        assert_eq!(answer, if is_changed { "401" } else { "alice" }, "{from} {to}");
        forge(&store, to, from).await;
        full.clone().expect("alice").await;
    }
    // What was begun before tokens were signed is not believed to have any.
    assert_eq!(full.status("/rotate").await, 200);
    assert_eq!(full.get("/details").await.text, r#"["mfa"] theme=dark None"#);
}

// The ring needs no explicit time, and no ticket outlives its key.
#[tokio::test]
async fn the_keys_of_tickets_in_sessions_rotate() {
    let clock = clock();
    let rotation = Rotation::every("1h").unwrap().with_credential_lifetime("2h").unwrap();
    let ring = KeyRing::rotating(rotation, clock.now()).unwrap();
    let active =
        || ring.keys().iter().find(|(_, state)| *state == KeyState::Active).map(|(id, _)| *id).unwrap();
    let first = active();
    let sessions = SessionIdentity::memory().with_idle_limit(Duration::from_hours(8));
    let mut browser = Browser::new(&app(SessionTicket::new(sessions, ring.clone()), &clock));
    let line = browser.post("/login/alice").await.set_cookie[0].to_str().unwrap().to_owned();
    assert!(line.contains("Max-Age=7200"), "{line}");
    clock.advance(Duration::from_mins(90));
    assert_eq!(browser.user().await, "alice");
    assert_ne!(active(), first, "the look at the ticket has moved the ring on");
    clock.advance(Duration::from_mins(30));
    assert_eq!(browser.user().await, "401");
    let second = active();
    clock.advance(Duration::from_hours(1));
    browser.post("/login/alice").await;
    assert_ne!(active(), second, "so has the log-in");
    assert_eq!(browser.user().await, "alice");
}

// An actor written by an attacker with the store, but without a key, is not accepted.
#[tokio::test]
async fn an_actor_is_signed_with_the_ticket() {
    let ring = KeyRing::random();
    let store = Told::default();
    let mut browser = Browser::new(&app(SessionTicket::new(store.policy(), ring), &clock()));
    browser.post("/login/root").await;
    assert_eq!(browser.status("/act-as/alice").await, 200);
    assert_eq!((browser.user().await, browser.get("/actor").await.text), ("alice".into(), "root".into()));
    // The same cookie without tickets: the store alone says it.
    let mut unsigned = Browser::new(&app(store.policy(), &clock()));
    unsigned.post("/login/root").await;
    unsigned.post("/act-as/alice").await;
    browser.cookie = unsigned.cookie.clone();
    assert_eq!((unsigned.user().await, browser.user().await), ("alice".to_owned(), "401".to_owned()));
}
