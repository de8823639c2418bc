//! Instances that share a Redis server know at once what any of them revokes, and deny when they cannot know.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[expect(dead_code, reason = "the example's `main` is not called")]
#[path = "../../examples/two-instances/src/main.rs"]
mod two_instances;

use std::{
    env,
    process::Command,
    time::{Duration, Instant},
};

use auth_runtime::{
    Answer, Auth, AuthError, AuthLayer, Groups, Key, KeyRing, TicketCookie, UserId, auth_required,
    authorization::{CachedGroups, GroupQuestion, GroupSource, now},
    clock::UnixTime,
    identity::CredentialId,
    redis_config,
    revocation::{RedisOptions, RedisRevocation, Revocation, RevocationFull, WhenAway},
    testing::FrozenClock,
};
use axum::{
    Router,
    extract::Path,
    http::Request,
    routing::{get, post},
};
use fred::{
    clients::Client,
    interfaces::{ClientLike as _, SortedSetsInterface as _},
};
use tokio::io::AsyncReadExt as _;

use crate::{
    redis_server::RedisServer,
    support::{Log, ask},
    tls,
};

const NOON: u64 = 1_700_000_000;

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

fn id(name: &str) -> CredentialId {
    name.parse().unwrap()
}

fn options(server: &RedisServer) -> RedisOptions {
    RedisOptions::new(server.address()).with_clock(FrozenClock::at(NOON))
}

async fn connect(server: &RedisServer) -> RedisRevocation {
    RedisRevocation::connect(options(server)).await.unwrap()
}

fn epoch(list: &RedisRevocation, name: &str) -> Option<u64> {
    list.find(&user(name), None).now().unwrap().unwrap().epoch().map(UnixTime::as_secs)
}

fn is_listed(list: &RedisRevocation, name: &str) -> bool {
    let never = Some(UnixTime::from_secs(u64::MAX));
    list.find(&user("anonymous"), Some(&id(name))).now().unwrap().unwrap().revokes(never)
}

/// Waits until something holds, and returns how long that took; a test that waits for too long has failed.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}: not within 30 seconds");
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    began.elapsed()
}

#[tokio::test]
async fn what_one_instance_revokes_the_others_know() {
    let Some(server) = RedisServer::start() else { return };
    let (here, there) = (connect(&server).await, connect(&server).await);
    let mut lags = Vec::new();
    for at in 0..20 {
        let name = format!("user {at}");
        here.revoke_user(&user(&name)).await.unwrap();
        assert_eq!(epoch(&here, &name), Some(NOON + 1), "one second is for clocks that are ahead");
        lags.push(until("the push", async || epoch(&there, &name).is_some()).await);
    }
    lags.sort();
    println!("lag of a push: median {:?}, longest {:?}", lags[10], lags[19]);
    // Other programs may keep the machine busy, but not every time.
    assert!(lags[0] < Duration::from_millis(100), "{lags:?}");

    here.revoke_credential(&id("a token"), None).await.unwrap();
    until("the token", async || is_listed(&there, "a token")).await;
    assert!(!is_listed(&there, "another") && epoch(&there, "anonymous").is_none());
    there.revoke_everybody().await.unwrap();
    until("everybody", async || epoch(&here, "anonymous") == Some(NOON + 2)).await;

    // A later instance reads it all, and applications under another prefix have nothing to do with it.
    let late = connect(&server).await;
    assert_eq!(epoch(&late, "anonymous"), Some(NOON + 2));
    assert!(is_listed(&late, "a token"));
    let other = RedisRevocation::connect(options(&server).with_prefix("other")).await.unwrap();
    assert!(epoch(&other, "anonymous").is_none() && !is_listed(&other, "a token"));
}

// Each epoch covers what was issued after the one before, whichever instance wrote it.
#[tokio::test]
async fn epochs_only_move_forward() {
    let Some(server) = RedisServer::start() else { return };
    let (here, there) = (connect(&server).await, connect(&server).await);
    for expected in 1..=5 {
        let list = if expected % 2 == 0 { &here } else { &there };
        list.revoke_user(&user("alice")).await.unwrap();
        assert_eq!(epoch(list, "alice"), Some(NOON + expected));
    }
    for _ in 0..100 {
        here.revoke_user(&user("alice")).await.unwrap();
    }
    assert_eq!(epoch(&here, "alice"), Some(NOON + 31), "no further than log-ins may be dated ahead");
    here.revoke_everybody().await.unwrap();
    assert_eq!(epoch(&here, "bob"), Some(NOON + 31), "everybody's covers everybody's log-ins");
    // An instance whose clock is behind does not bring anything back.
    let behind = options(&server).with_clock(FrozenClock::at(NOON - 1_000));
    let behind = RedisRevocation::connect(behind).await.unwrap();
    behind.revoke_user(&user("alice")).await.unwrap();
    assert_eq!(epoch(&behind, "alice"), Some(NOON + 31));
}

// A log-in that an instance with a faster clock has dated ahead is revoked, too.
#[tokio::test]
async fn an_epoch_covers_the_clocks_that_are_ahead_by_the_tolerance() {
    let Some(server) = RedisServer::start() else { return };
    let options = options(&server).with_clock_tolerance(Duration::from_secs(20));
    let list = RedisRevocation::connect(options).await.unwrap();
    list.revoke_user(&user("alice")).await.unwrap();
    assert_eq!(epoch(&list, "alice"), Some(NOON + 20));
    let status = list.find(&user("alice"), None).now().unwrap().unwrap();
    assert!(status.revokes(Some(UnixTime::from_secs(NOON + 20))));
    assert!(!status.revokes(Some(UnixTime::from_secs(NOON + 21))));
}

#[auth_required]
async fn profile(user: UserId) -> String {
    user.to_string()
}

async fn open() {}

async fn login(auth: Auth, Path(name): Path<String>) -> Result<(), AuthError> {
    auth.remember(&name).await
}

async fn everywhere(auth: Auth) -> Result<(), AuthError> {
    auth.log_out_everywhere().await
}

fn app(list: &RedisRevocation) -> Router {
    let key = Key::from_base64("p1xrUFBoeEAF71G4TJgWTkFG7JUAW1+IOa1+pebDe6A=").unwrap();
    Router::new()
        .route("/profile", get(profile))
        .route("/open", get(open))
        .route("/login/{name}", post(login))
        .route("/everywhere", post(everywhere))
        .layer(
            AuthLayer::new(TicketCookie::new(KeyRing::new(key)))
                .with_clock(FrozenClock::at(NOON))
                .with_revocation(list.clone()),
        )
}

async fn status(app: &Router, method: &str, path: &str, cookie: &str) -> u16 {
    let request = Request::builder().method(method).uri(path).header("cookie", cookie);
    ask(app, request).await.status.as_u16()
}

async fn ticket(app: &Router, name: &str) -> String {
    ask(app, Request::post(format!("/login/{name}"))).await.cookies().remove(0)
}

// What each does while Redis is away, and when it is back without a memory.
#[tokio::test]
async fn without_redis_an_instance_denies_after_its_grace_and_comes_back() {
    let Some(mut server) = RedisServer::start() else { return };
    let grace = Duration::from_millis(1_500);
    let careful = || options(&server).when_away(WhenAway::DenyAfter(grace));
    let here = RedisRevocation::connect(careful()).await.unwrap();
    let there = RedisRevocation::connect(careful()).await.unwrap();
    let trusting = options(&server).when_away(WhenAway::AllowLastKnown);
    let trusting = RedisRevocation::connect(trusting).await.unwrap();
    let (site, twin, trusting_site) = (app(&here), app(&there), app(&trusting));
    let (alice, bob) = (ticket(&site, "alice").await, ticket(&site, "bob").await);
    assert_eq!(status(&site, "POST", "/everywhere", &bob).await, 200);
    for app in [&site, &twin, &trusting_site] {
        until("the push", async || status(app, "GET", "/profile", &bob).await == 401).await;
        assert_eq!(status(app, "GET", "/profile", &alice).await, 200);
    }

    let (away, told) = Log::of(async {
        server.kill();
        // At first it goes by what it knows.
        let first = status(&site, "GET", "/profile", &alice).await;
        let denied = async || status(&site, "GET", "/profile", &alice).await == 503;
        let away = until("the end of the grace", denied).await;
        assert!(first == 200 || away < Duration::from_millis(1), "{first}");
        away
    })
    .await;
    assert!(away < grace + Duration::from_secs(10), "{away:?}");
    assert!(told.iter().any(|told| told.field("operation") == "revocation"));
    for cookie in [&alice, &bob] {
        assert_eq!(status(&site, "GET", "/profile", cookie).await, 503);
        assert_eq!(status(&site, "POST", "/everywhere", cookie).await, 503);
    }
    assert_eq!(status(&site, "POST", "/login/alice", "").await, 503, "its ticket might be revoked already");
    // Requests that ask for no user, and anonymous ones, are not affected.
    assert_eq!(status(&site, "GET", "/open", &alice).await, 200);
    assert_eq!(status(&site, "GET", "/profile", "").await, 401);
    // The other choice: the known revocations apply, nothing can be revoked, and the user stays logged in and gets an error.
    assert_eq!(status(&trusting_site, "GET", "/profile", &alice).await, 200);
    assert_eq!(status(&trusting_site, "GET", "/profile", &bob).await, 401);
    assert_eq!(status(&trusting_site, "POST", "/everywhere", &alice).await, 503);
    assert_eq!(status(&trusting_site, "GET", "/profile", &alice).await, 200);

    // A server that has forgotten everything gets everything again.
    assert!(server.run());
    for app in [&site, &twin] {
        until("the return", async || status(app, "GET", "/profile", &alice).await == 200).await;
        assert_eq!(status(app, "GET", "/profile", &bob).await, 401);
    }
    until("the server's memory", async || {
        let late = connect(&server).await;
        status(&app(&late), "GET", "/profile", &bob).await == 401
    })
    .await;
    // And pushes work as before.
    until("a revocation", async || status(&site, "POST", "/everywhere", &alice).await == 200).await;
    for app in [&twin, &trusting_site] {
        until("the push", async || status(app, "GET", "/profile", &alice).await == 401).await;
    }
}

// A message that was not heard is missed by its number.
#[tokio::test]
async fn an_instance_catches_up_with_what_it_has_not_heard() {
    let Some(server) = RedisServer::start() else { return };
    let list = connect(&server).await;
    list.revoke_user(&user("alice")).await.unwrap();
    // An instance revokes, and the message is lost.
    server.tell("ZADD {auth}:epochs 1700000009 bob").unwrap();
    server.tell("ZADD {auth}:credentials 1800000000 jti-1").unwrap();
    server.tell("INCR {auth}:sequence").unwrap();
    until("the poll", async || epoch(&list, "bob") == Some(NOON + 9)).await;
    assert!(is_listed(&list, "jti-1"));
    // The next message has a number too many, which is noticed before the next poll.
    server.tell("ZADD {auth}:epochs 1700000009 carol").unwrap();
    server.tell("INCR {auth}:sequence").unwrap();
    list.revoke_user(&user("dave")).await.unwrap();
    until("the gap", async || epoch(&list, "carol") == Some(NOON + 9)).await;
    // The connection that listens is cut.
    for round in 0..3 {
        server.tell("CLIENT KILL TYPE pubsub").unwrap();
        let name = format!("erin {round}");
        let other = connect(&server).await;
        other.revoke_user(&user(&name)).await.unwrap();
        until("the new connection", async || epoch(&list, &name).is_some()).await;
    }
    // Nonsense on the channel does no harm.
    for nonsense in ["nonsense", "''", "'99999 user x y'", "'1 user 5 \\x01'"] {
        server.tell(&format!("PUBLISH {{auth}}:changes {nonsense}")).unwrap();
    }
    list.revoke_user(&user("frank")).await.unwrap();
    until("after nonsense", async || epoch(&list, "frank").is_some() && epoch(&list, "alice").is_some())
        .await;
}

#[tokio::test]
async fn a_full_list_refuses_to_revoke_and_forgets_nothing() {
    let Some(server) = RedisServer::start() else { return };
    let clock = FrozenClock::at(NOON);
    let small = RedisOptions::new(server.address())
        .with_clock(clock.clone())
        .with_capacity(2)
        .with_longest_lifetime(Duration::from_secs(100));
    let list = RedisRevocation::connect(small).await.unwrap();
    list.revoke_user(&user("alice")).await.unwrap();
    list.revoke_credential(&id("long"), None).await.unwrap();
    list.revoke_credential(&id("short"), Some(UnixTime::from_secs(NOON + 5))).await.unwrap();
    let refused = list.revoke_credential(&id("one more"), None).await.unwrap_err();
    assert!(refused.is::<RevocationFull>());
    list.revoke_user(&user("alice")).await.unwrap();
    list.revoke_everybody().await.unwrap();
    // Users have room of their own.
    list.revoke_user(&user("bob")).await.unwrap();
    assert!(list.revoke_user(&user("carol")).await.unwrap_err().is::<RevocationFull>());
    clock.advance(Duration::from_secs(10));
    list.revoke_credential(&id("one more"), None).await.unwrap();
    let late = connect(&server).await;
    assert!(is_listed(&late, "long") && is_listed(&late, "one more") && !is_listed(&late, "short"));
    assert_eq!(epoch(&late, "alice"), Some(NOON + 3));
}

#[tokio::test]
async fn caches_forget_on_every_instance() {
    let Some(server) = RedisServer::start() else { return };
    let (here, there) = (connect(&server).await, connect(&server).await);
    let instance = |list: &RedisRevocation| {
        CachedGroups::new(now(|_| Ok(Some(Groups::from(["readers"]))))).with_push(list.clone())
    };
    let (ours, theirs) = (instance(&here), instance(&there));
    let names = ["alice", "bob", "carol"];
    let kept = |name: &str| theirs.groups(GroupQuestion::about(Some(&user(name)))).now().is_some();
    let look_up = async || {
        for name in names {
            let name = user(name);
            let Answer::Later(answer) = theirs.groups(GroupQuestion::about(Some(&name))) else {
                panic!("a look-up waits")
            };
            answer.await.unwrap().unwrap();
        }
    };
    look_up().await;
    ours.invalidate(&user("alice")).await.unwrap();
    until("alice", async || !kept("alice")).await;
    assert!(kept("bob") && kept("carol"));
    // Who is revoked may have other groups by now, or none.
    here.revoke_user(&user("bob")).await.unwrap();
    until("bob", async || !kept("bob")).await;
    assert!(kept("carol"));
    ours.invalidate_all().await.unwrap();
    until("all", async || !kept("carol")).await;
    // After a cut missed messages are unknown.
    look_up().await;
    server.tell("CLIENT KILL TYPE pubsub").unwrap();
    until("the cut", async || names.iter().all(|name| !kept(name))).await;
}

fn connections(server: &RedisServer) -> usize {
    server.tell("CLIENT LIST").unwrap().lines().filter(|line| line.contains("addr=")).count()
}

#[tokio::test]
async fn the_last_clone_closes_the_connections() {
    let Some(server) = RedisServer::start() else { return };
    let before = connections(&server);
    let list = connect(&server).await;
    let clone = list.clone();
    assert_eq!(connections(&server), before + 2);
    drop(list);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(connections(&server), before + 2);
    clone.revoke_everybody().await.unwrap();
    drop(clone);
    until("the end", async || connections(&server) == before).await;
}

#[tokio::test]
async fn an_address_of_no_server_is_an_error_in_time() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let soon = Duration::from_millis(200);
    for address in ["nonsense", "http://127.0.0.1", &format!("redis://{free}")] {
        let options = RedisOptions::new(address).with_deadline(soon);
        assert!(RedisRevocation::connect(options).await.is_err(), "{address}");
    }
    let secret = format!("{:?}", RedisOptions::new("redis://:canary@127.0.0.1"));
    assert!(!secret.contains("canary") && secret.contains("DenyAfter"));
}

// The driver without its TLS features takes `rediss` for `redis`, and sends the password in clear text.
#[tokio::test]
async fn an_address_that_demands_tls_never_sends_the_password_in_clear_text() {
    for scheme in ["rediss", "rediss-cluster", "rediss-sentinel", "valkeys", "valkeys-cluster", "RedisS"] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = format!("{scheme}://user:canary@127.0.0.1:{port}?sentinelServiceName=main");
        let heard = tokio::spawn(async move {
            let mut heard = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = [0; 4096];
                let length = stream.read(&mut bytes).await.unwrap_or(0);
                heard.extend_from_slice(&bytes[..length]);
                if length > 0 {
                    break;
                }
            }
            heard
        });
        let options = RedisOptions::new(&address).with_deadline(Duration::from_millis(200));
        let error = RedisRevocation::connect(options).await.unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
        let heard = heard.await.unwrap();
        assert!(!heard.windows(6).any(|bytes| bytes == b"canary"), "{scheme}");
        // The first record of a TLS handshake (RFC 8446, 5.1).
        assert_eq!(heard.first(), Some(&0x16), "{scheme}");
    }
}

const TLS_PORT: &str = "TEST_REDIS_TLS_PORT";

#[test]
#[ignore = "this is the process that trusts the test's authority, which the next test starts"]
fn revoke_over_tls() {
    let Ok(port) = env::var(TLS_PORT) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let list = RedisRevocation::connect(format!("rediss://127.0.0.1:{port}")).await.unwrap();
        list.revoke_user(&user("alice")).await.unwrap();
        let client =
            Client::new(redis_config(&format!("valkeys://127.0.0.1:{port}")).unwrap(), None, None, None);
        client.init().await.unwrap();
        assert_eq!(client.zcard::<u64, _>("{auth}:epochs").await.unwrap(), 1);
    });
}

#[tokio::test]
async fn a_server_is_reached_over_tls_if_its_certificate_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.into_os_string().into_string().unwrap()
    };
    let (root, leaf) = (file("root.pem", tls::ROOT), file("leaf.pem", tls::LEAF));
    let key = file("key.pem", tls::LEAF_KEY);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let port = free.port().to_string();
    let arguments = [
        ["--tls-port", &port],
        ["--tls-cert-file", &leaf],
        ["--tls-key-file", &key],
        ["--tls-ca-cert-file", &root],
        ["--tls-auth-clients", "no"],
    ];
    let arguments = arguments.concat().into_iter().map(str::to_owned).collect();
    let Some(_server) = RedisServer::start_with(None, arguments) else { return };

    // This process does not trust the authority.
    let options =
        RedisOptions::new(format!("rediss://127.0.0.1:{port}")).with_deadline(Duration::from_millis(500));
    assert!(RedisRevocation::connect(options).await.is_err());

    let mut program = tokio::process::Command::new(env::current_exe().unwrap());
    program.args(["--exact", "revocation_redis::revoke_over_tls", "--ignored", "--nocapture"]);
    program.env(TLS_PORT, &port).env("SSL_CERT_FILE", &root);
    let output = program.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
#[ignore = "this is the process of an instance, which the next test starts"]
fn instance() {
    let Ok(redis) = env::var("TWO_INSTANCES_REDIS_URL") else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(two_instances::serve(&redis)).unwrap();
}

// ASVS 7.4.1: two real processes and a real Redis
#[tokio::test]
async fn a_log_out_everywhere_on_one_process_applies_on_the_other() {
    let Some(server) = RedisServer::start() else { return };
    let start = || {
        let mut program = Command::new(env::current_exe().unwrap());
        program.args(["--exact", "revocation_redis::instance", "--ignored", "--nocapture"]);
        two_instances::Instance::start(&mut program, &server.address()).unwrap()
    };
    let (one, other) = (start(), start());
    let mut lags = Vec::new();
    for _ in 0..10 {
        lags.push(two_instances::log_out_on_one(&one, &other).await.unwrap());
    }
    lags.sort();
    println!("lag between processes: median {:?}, longest {:?}", lags[5], lags[9]);
    assert!(lags[0] < Duration::from_millis(100), "{lags:?}");
}
