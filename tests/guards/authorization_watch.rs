//! A watch resolves when the question that it asks would be answered with no, and not before.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthErrorKind, AuthLayer, BoxError, EncryptedCookie, Groups, KeyRing, LoginOptions,
    Name, Permission, Rule, SessionIdentity, TicketCookie, User, UserId, acl,
    authorization::CachedGroups,
    decide,
    identity::CredentialId,
    jwt::{BearerJwt, JwtIssuer, RingKeys},
    revocation::{Invalidate, MemoryRevocation, Push, Revocation},
    testing::{FakeIdentity, FakePolicy, FrozenClock, USER_HEADER},
    users::by_id,
    watch::{EndReason, Watch, Watches},
};
use axum::{
    Extension, Router,
    extract::Path,
    http::Request,
    routing::{get, post},
};
use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, sleep, timeout};

use crate::support::{Answer, Log, ask};

#[derive(Clone, Copy, Permission)]
enum Can {
    Read,
    Write,
}

const FEED: Acl = acl![(Allow, Everyone, ["glance"]), (Allow, Group("readers"), ["read"])];
const HOUR: Duration = Duration::from_hours(1);
const MOMENT: Duration = Duration::from_millis(10);

/// What the last handler made.
type Made = Extension<Arc<Mutex<Option<Watch>>>>;

fn keep(made: &Made, watch: Result<Watch, AuthError>) -> Result<(), AuthError> {
    *made.0.lock().unwrap() = Some(watch?);
    Ok(())
}

async fn read(auth: Auth, made: Made) -> Result<(), AuthError> {
    keep(&made, auth.watch("read", FEED).await)
}

async fn glance(auth: Auth, made: Made) -> Result<(), AuthError> {
    keep(&made, auth.watch("glance", FEED).await)
}

async fn signed_in(auth: Auth, made: Made) -> Result<(), AuthError> {
    keep(&made, auth.watch_user().await)
}

async fn by_policy(auth: Auth, made: Made) -> Result<(), AuthError> {
    keep(&made, auth.watch_policy(Can::Read).await)
}

async fn owned(auth: Auth, made: Made, Path(owner): Path<String>) -> Result<(), AuthError> {
    let watch =
        auth.watch_with(move |who| decide([Rule::allow(User(&owner), &["read"])], Name::Text("read"), who));
    keep(&made, watch.await)
}

async fn login_and_watch(auth: Auth, made: Made) -> Result<(), AuthError> {
    auth.remember("alice").await?;
    let watch = auth.watch_user().await;
    assert_eq!(watch.as_ref().unwrap_err().kind(), AuthErrorKind::Misconfigured);
    keep(&made, watch)
}

async fn login(auth: Auth, Path(name): Path<String>) -> Result<(), AuthError> {
    auth.remember(&name).await
}

/// Logs in with an id of the log-in, and replaces the credential by another one.
async fn login_named(auth: Auth, Path(name): Path<String>) -> Result<(), AuthError> {
    let id = CredentialId::new(format!("log-in of {name}"))?;
    auth.remember_with(&name, &LoginOptions::new().with_login_id(id)).await?;
    auth.rotate().await
}

async fn logout(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

async fn credential(auth: Auth) -> Result<String, AuthError> {
    Ok(auth.credential_id().await?.map(|id| id.as_str().to_owned()).unwrap_or_default())
}

async fn everywhere(auth: Auth) -> Result<(), AuthError> {
    auth.log_out_everywhere().await
}

/// An application, and the watch that its last request made.
struct Site {
    app: Router,
    made: Arc<Mutex<Option<Watch>>>,
}

impl Site {
    fn new(layer: AuthLayer) -> Self {
        let made = Arc::default();
        let app = Router::new()
            .route("/read", get(read))
            .route("/glance", get(glance))
            .route("/signed-in", get(signed_in))
            .route("/by-policy", get(by_policy))
            .route("/owned/{owner}", get(owned))
            .route("/login-and-watch", post(login_and_watch))
            .route("/login/{name}", post(login))
            .route("/login-named/{name}", post(login_named))
            .route("/logout", post(logout))
            .route("/everywhere", post(everywhere))
            .route("/credential", get(credential))
            .layer(Extension(Arc::clone(&made)))
            .layer(layer);
        Self { app, made }
    }

    async fn login(&self, name: &str) -> String {
        ask(&self.app, Request::post(format!("/login/{name}"))).await.cookies().remove(0)
    }

    async fn send(&self, path: &str, header: &str, value: &str) -> Answer {
        ask(&self.app, Request::get(path).header(header, value)).await
    }

    async fn post(&self, path: &str, cookie: &str) {
        let answer = ask(&self.app, Request::post(path).header("cookie", cookie)).await;
        assert_eq!(answer.status, 200, "{path}");
    }

    async fn watch(&self, path: &str, header: &str, value: &str) -> Watch {
        assert_eq!(self.send(path, header, value).await.status, 200);
        self.made.lock().unwrap().take().unwrap()
    }

    async fn watch_as(&self, path: &str, user: &str) -> Watch {
        self.watch(path, USER_HEADER, user).await
    }
}

/// The groups of users, which change, fail or take for ever.
#[derive(Clone, Default)]
struct Directory {
    groups: Arc<Mutex<BTreeMap<String, Groups>>>,
    asked: Arc<AtomicUsize>,
    is_down: Arc<AtomicBool>,
    hangs: Arc<AtomicBool>,
}

impl Directory {
    fn with(user: &str) -> Self {
        let own = Self::default();
        own.groups.lock().unwrap().insert(user.to_owned(), Groups::from(["readers"]));
        own
    }

    async fn find(self, user: Option<UserId>) -> Result<Option<Groups>, BoxError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.is_down.load(Ordering::SeqCst) {
            return Err("the directory is down".into());
        }
        if user.as_ref().is_some_and(|user| *user == "banned") {
            return Ok(None);
        }
        let groups = self.groups.lock().unwrap();
        Ok(Some(user.and_then(|user| groups.get(user.as_str()).cloned()).unwrap_or_default()))
    }

    fn source(
        &self,
    ) -> impl Fn(Option<UserId>) -> futures_util::future::BoxFuture<'static, Result<Option<Groups>, BoxError>>
    + Send
    + Sync
    + 'static
    + use<> {
        let own = self.clone();
        move |user| Box::pin(own.clone().find(user))
    }

    fn layer(&self) -> AuthLayer {
        AuthLayer::new(FakeIdentity::by_header()).with_groups(self.source())
    }

    fn expel(&self, user: &str) {
        self.groups.lock().unwrap().remove(user);
    }
}

/// Waits for a watch, and returns how long that took.
async fn end_of(watch: &mut Watch) -> (EndReason, Duration) {
    let began = Instant::now();
    let ended = timeout(HOUR, &mut *watch).await.unwrap();
    assert_eq!(watch.ended(), Some(ended));
    assert_eq!(watch.await, ended, "it has ended for good");
    (ended, began.elapsed())
}

async fn is_open(watch: &mut Watch) -> bool {
    timeout(Duration::from_mins(10), watch).await.is_err()
}

struct Tickets {
    site: Site,
    clock: FrozenClock,
    list: MemoryRevocation,
}

fn tickets() -> Tickets {
    let clock = FrozenClock::at(1_700_000_000);
    let list = MemoryRevocation::new().with_clock(clock.clone());
    let policy = TicketCookie::new(KeyRing::random()).with_lifetime(HOUR);
    let layer = AuthLayer::new(policy).with_clock(clock.clone()).with_revocation(list.clone());
    Tickets { site: Site::new(layer), clock, list }
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_watch_stays_open_while_nothing_changes() {
    let directory = Directory::with("alice");
    let mut watch = Site::new(directory.layer()).watch_as("/read", "alice").await;
    let before = directory.asked.load(Ordering::SeqCst);
    assert!(is_open(&mut watch).await);
    // Every 30 seconds for 10 minutes, the last one at the very end.
    let asked = directory.asked.load(Ordering::SeqCst) - before;
    assert!((19..=20).contains(&asked), "{asked}");
    assert_eq!(watch.ended(), None);
}

// AxumSessionAuth#22
#[tokio::test(start_paused = true)]
async fn an_expired_ticket_ends_it_by_the_layers_clock() {
    let Tickets { site, clock, .. } = tickets();
    let cookie = site.login("alice").await;
    let mut watch = site.watch("/signed-in", "cookie", &cookie).await;
    clock.advance(Duration::from_secs(3599));
    assert!(is_open(&mut watch).await);
    clock.advance(Duration::from_secs(2));
    let (ended, after) = end_of(&mut watch).await;
    assert_eq!((ended, ended.close_code()), (EndReason::SignedOut, 4401));
    assert!(after <= Duration::from_secs(30), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_revoked_ends_it_at_once_and_nothing_else() {
    let Tickets { site, list, .. } = tickets();
    let (alice, bob) = (site.login("alice").await, site.login("bob").await);
    let mut hers = site.watch("/signed-in", "cookie", &alice).await;
    let mut his = site.watch("/signed-in", "cookie", &bob).await;
    assert!(timeout(MOMENT, &mut hers).await.is_err());
    list.revoke_user(&user("alice")).await.unwrap();
    let (ended, after) = end_of(&mut hers).await;
    assert_eq!((ended, ended.close_code()), (EndReason::Revoked, 4401));
    assert!(after < MOMENT, "{after:?}");
    assert!(is_open(&mut his).await);

    list.revoke_everybody().await.unwrap();
    let (ended, after) = end_of(&mut his).await;
    assert_eq!(ended, EndReason::Revoked);
    assert!(after < MOMENT, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_log_out_elsewhere_in_the_application_ends_it_at_once() {
    let Tickets { site, clock, .. } = tickets();
    let one = site.login("alice").await;
    clock.advance(Duration::from_mins(1));
    let other = site.login("alice").await;
    let mut first = site.watch("/signed-in", "cookie", &one).await;
    let mut second = site.watch("/signed-in", "cookie", &other).await;
    site.post("/logout", &one).await;
    let (ended, after) = end_of(&mut first).await;
    assert_eq!(ended, EndReason::Revoked);
    assert!(after < MOMENT, "{after:?}");
    assert!(is_open(&mut second).await);
    site.post("/everywhere", &other).await;
    let (ended, after) = end_of(&mut second).await;
    assert_eq!(ended, EndReason::Revoked);
    assert!(after < MOMENT, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_it_and_is_not_kept_alive_by_it() {
    let clock = FrozenClock::at(1_700_000_000);
    let policy = SessionIdentity::memory().with_idle_limit(Duration::from_mins(30));
    let site = Site::new(AuthLayer::new(policy).with_clock(clock.clone()));
    let cookie = site.login("alice").await;
    let mut watch = site.watch("/signed-in", "cookie", &cookie).await;
    // Constant look-ups of users that do not exist.
    for _ in 0..29 {
        clock.advance(Duration::from_mins(1));
        assert!(timeout(Duration::from_mins(1), &mut watch).await.is_err());
    }
    clock.advance(Duration::from_mins(2));
    assert_eq!(end_of(&mut watch).await.0, EndReason::SignedOut);

    let cookie = site.login("alice").await;
    let mut watch = site.watch("/signed-in", "cookie", &cookie).await;
    site.post("/logout", &cookie).await;
    let (ended, after) = end_of(&mut watch).await;
    assert_eq!(ended, EndReason::SignedOut);
    assert!(after < MOMENT, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_ends_it_when_it_expires() {
    let clock = FrozenClock::at(1_700_000_000);
    let keys = RingKeys::new(KeyRing::random());
    let issuer = JwtIssuer::new(keys.clone(), "https://issuer.example").unwrap().with_clock(clock.clone());
    let token = issuer.access_token("alice", "api").with_lifetime(Duration::from_mins(5)).issue().unwrap();
    let policy = BearerJwt::new(keys).with_issuer("https://issuer.example").with_audience("api");
    let list = MemoryRevocation::new().with_clock(clock.clone());
    let site = Site::new(AuthLayer::new(policy).with_clock(clock.clone()).with_revocation(list.clone()));
    let header = format!("Bearer {}", token.as_str());
    let mut watch = site.watch("/signed-in", "authorization", &header).await;
    clock.advance(Duration::from_mins(4));
    assert!(is_open(&mut watch).await);
    clock.advance(Duration::from_mins(5));
    assert_eq!(end_of(&mut watch).await.0, EndReason::SignedOut);
    assert_eq!(site.send("/signed-in", "authorization", &header).await.status, 401);

    // One token of two, by its name.
    let tokens = [(); 2].map(|()| issuer.access_token("alice", "api").issue().unwrap());
    let [one, other] = tokens.map(|token| format!("Bearer {}", token.as_str()));
    let mut first = site.watch("/signed-in", "authorization", &one).await;
    let mut second = site.watch("/signed-in", "authorization", &other).await;
    let id = CredentialId::new(site.send("/credential", "authorization", &one).await.text()).unwrap();
    list.revoke_credential(&id, None).await.unwrap();
    let (ended, after) = end_of(&mut first).await;
    assert_eq!(ended, EndReason::Revoked);
    assert!(after < MOMENT, "{after:?}");
    assert!(is_open(&mut second).await);
}

// As a log-out of the identity provider does.
#[tokio::test(start_paused = true)]
async fn a_revoked_log_in_ends_it_at_once() {
    let list = MemoryRevocation::new();
    let layer = AuthLayer::new(EncryptedCookie::new(KeyRing::random())).with_revocation(list.clone());
    let site = Site::new(layer);
    let mut watches = Vec::new();
    for name in ["alice", "bob"] {
        let answer = ask(&site.app, Request::post(format!("/login-named/{name}"))).await;
        let cookie = answer.cookies().remove(0);
        assert_ne!(site.send("/credential", "cookie", &cookie).await.text(), format!("log-in of {name}"));
        watches.push(site.watch("/signed-in", "cookie", &cookie).await);
    }
    let (mut his, mut hers) = (watches.pop().unwrap(), watches.pop().unwrap());
    let id = CredentialId::new("log-in of alice").unwrap();
    list.revoke_credential(&id, None).await.unwrap();
    let (ended, after) = end_of(&mut hers).await;
    assert_eq!(ended, EndReason::Revoked);
    assert!(after < MOMENT, "{after:?}");
    assert!(is_open(&mut his).await);
}

#[tokio::test(start_paused = true)]
async fn other_groups_end_it_soon_and_on_a_notification_at_once() {
    let directory = Directory::with("alice");
    let watches = Watches::new().with_interval(Duration::from_secs(10));
    let site = Site::new(directory.layer().with_watches(watches.clone()));
    let mut watch = site.watch_as("/read", "alice").await;
    let mut glancing = site.watch_as("/glance", "alice").await;
    assert_eq!(watches.count(), 2);
    directory.expel("alice");
    let (ended, after) = end_of(&mut watch).await;
    assert_eq!((ended, ended.close_code()), (EndReason::Forbidden, 1008));
    assert!(after <= Duration::from_secs(10), "{after:?}");
    assert_eq!(watches.count(), 1, "what has ended is not asked about any more");

    let directory = Directory::with("alice");
    let site = Site::new(directory.layer().with_watches(watches.clone()));
    for all in [false, true] {
        directory.groups.lock().unwrap().insert("alice".to_owned(), Groups::from(["readers"]));
        let mut watch = site.watch_as("/read", "alice").await;
        watches.check(&user("alice"));
        assert!(timeout(MOMENT, &mut watch).await.is_err(), "being told is not being refused");
        directory.expel("alice");
        if all {
            watches.check_all();
        } else {
            watches.check(&user("alice"));
        }
        assert!(end_of(&mut watch).await.1 < MOMENT);
    }
    assert!(is_open(&mut glancing).await, "everyone may glance");
    drop(glancing);
    assert_eq!(watches.count(), 0);
}

/// Tells caches and watches in the wrong order.
#[derive(Clone, Default)]
struct Bus(Arc<Mutex<Vec<Listener>>>);

type Listener = Arc<dyn Fn(&Invalidate) -> bool + Send + Sync>;

#[auth_runtime::async_trait]
impl Push for Bus {
    fn listen(&self, listener: Arc<dyn Fn(&Invalidate) -> bool + Send + Sync>) {
        self.0.lock().unwrap().push(listener);
    }

    async fn push(&self, what: Invalidate) -> Result<(), BoxError> {
        let listeners = self.0.lock().unwrap().clone();
        for listener in listeners {
            listener(&what);
            // The watch is awake before the next one hears of it.
            sleep(MOMENT).await;
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_push_ends_it_even_when_it_reaches_the_cache_last() {
    for what in [Invalidate::All, Invalidate::User(user("alice"))] {
        let (directory, bus) = (Directory::with("alice"), Bus::default());
        let watches = Watches::new().with_push(&bus);
        let groups = CachedGroups::new(directory.source()).with_time_to_live(HOUR).with_push(bus.clone());
        let layer = AuthLayer::new(FakeIdentity::by_header()).with_groups(groups).with_watches(watches);
        let mut watch = Site::new(layer).watch_as("/read", "alice").await;
        directory.expel("alice");
        assert!(timeout(Duration::from_mins(5), &mut watch).await.is_err(), "the cache says yes still");
        let (_, (ended, after)) = tokio::join!(bus.push(what), end_of(&mut watch));
        assert_eq!(ended, EndReason::Forbidden);
        assert!(after < Duration::from_secs(1), "{after:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn users_who_are_gone_or_blocked_end_it() {
    let people = Arc::new(Mutex::new(BTreeSet::from(["alice", "bob"])));
    let known = Arc::clone(&people);
    let load = move |id: UserId| {
        let known = Arc::clone(&known);
        async move { Ok::<_, BoxError>(known.lock().unwrap().contains(id.as_str()).then_some(())) }
    };
    let site = Site::new(AuthLayer::new(FakeIdentity::by_header()).with_users(by_id(load)));
    let mut watch = site.watch_as("/signed-in", "alice").await;
    let mut other = site.watch_as("/signed-in", "bob").await;
    people.lock().unwrap().remove("alice");
    assert_eq!(end_of(&mut watch).await.0, EndReason::Gone);
    assert!(is_open(&mut other).await);

    let is_blocked = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&is_blocked);
    let groups = move |_: Option<UserId>| {
        let blocked = told.load(Ordering::SeqCst);
        async move { Ok::<_, BoxError>((!blocked).then(Groups::none)) }
    };
    let site = Site::new(AuthLayer::new(FakeIdentity::by_header()).with_groups(groups));
    let mut watches = [site.watch_as("/signed-in", "alice").await, site.watch_as("/glance", "alice").await];
    is_blocked.store(true, Ordering::SeqCst);
    for watch in &mut watches {
        let ended = end_of(watch).await.0;
        assert_eq!((ended, ended.close_code()), (EndReason::Blocked, 1008));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_down_ends_it_after_a_grace_and_not_before() {
    let directory = Directory::with("alice");
    let watches = Watches::new().with_grace(Duration::from_mins(2));
    let site = Site::new(directory.layer().with_watches(watches));
    let mut watch = site.watch_as("/read", "alice").await;
    // It comes back in time, and later goes away again: each time counts for itself.
    for _ in 0..2 {
        directory.is_down.store(true, Ordering::SeqCst);
        assert!(timeout(Duration::from_secs(100), &mut watch).await.is_err());
        directory.is_down.store(false, Ordering::SeqCst);
        assert!(timeout(Duration::from_secs(100), &mut watch).await.is_err());
    }
    directory.is_down.store(true, Ordering::SeqCst);
    let (ended, after) = end_of(&mut watch).await;
    assert_eq!((ended, ended.close_code()), (EndReason::Unavailable, 1013));
    assert!((120..=151).contains(&after.as_secs()), "{after:?}");

    let directory = Directory::with("alice");
    let mut watch = Site::new(directory.layer()).watch_as("/read", "alice").await;
    directory.hangs.store(true, Ordering::SeqCst);
    let (ended, after) = end_of(&mut watch).await;
    assert_eq!(ended, EndReason::Unavailable);
    assert!((30..=71).contains(&after.as_secs()), "{after:?}");

    // While it is down a clear no is still a no.
    let directory = Directory::with("alice");
    let watches = Watches::new().with_grace(HOUR);
    let list = MemoryRevocation::new().with_clock(FrozenClock::at(2_000_000_000));
    let layer = directory.layer().with_revocation(list.clone()).with_watches(watches);
    let site = Site::new(layer.with_clock(FrozenClock::at(1_700_000_000)));
    assert_eq!(site.send("/read", USER_HEADER, "alice").await.status, 200);
    let mut watch = site.made.lock().unwrap().take().unwrap();
    directory.is_down.store(true, Ordering::SeqCst);
    assert!(is_open(&mut watch).await);
    list.revoke_user(&user("alice")).await.unwrap();
    assert_eq!(end_of(&mut watch).await.0, EndReason::Revoked);
}

// Each `select!` drops what it waited for; a question that takes longer than the pause between two messages is asked once.
#[tokio::test(start_paused = true)]
async fn a_busy_loop_does_not_starve_it() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let groups = move |_: Option<UserId>| {
        let at = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            sleep(Duration::from_secs(2)).await;
            Ok::<_, BoxError>(Some(if at < 3 { Groups::from(["readers"]) } else { Groups::none() }))
        }
    };
    let site = Site::new(AuthLayer::new(FakeIdentity::by_header()).with_groups(groups));
    let mut watch = site.watch_as("/read", "alice").await;
    let began = Instant::now();
    let ended = loop {
        tokio::select! {
            ended = &mut watch => break ended,
            () = sleep(MOMENT) => assert!(began.elapsed() < HOUR, "starved"),
        }
    };
    assert_eq!(ended, EndReason::Forbidden);
    assert!(began.elapsed() < Duration::from_mins(3), "{:?}", began.elapsed());
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn a_guarded_stream_ends_with_it_and_lets_go() {
    let directory = Directory::with("alice");
    let watches = Watches::new();
    let site = Site::new(directory.layer().with_watches(watches.clone()));
    let held = Arc::new(());
    let holding = Arc::clone(&held);
    let endless = stream::repeat_with(move || Arc::strong_count(&holding));
    let mut guarded = Box::pin(site.watch_as("/read", "alice").await.guard(endless));
    for _ in 0..100 {
        assert!(guarded.next().await.is_some());
    }
    directory.expel("alice");
    watches.check(&user("alice"));
    // The answer is there after a few polls; nothing more comes afterwards.
    let left = guarded.by_ref().take(1000).count().await;
    assert!(left < 1000, "{left}");
    assert_eq!((guarded.next().await, guarded.ended()), (None, Some(EndReason::Forbidden)));
    assert_eq!((Arc::strong_count(&held), watches.count()), (1, 0));

    // One that ends by itself has not been ended.
    let site = Site::new(Directory::with("alice").layer());
    let mut short = Box::pin(site.watch_as("/read", "alice").await.guard(stream::iter([1, 2])));
    assert_eq!(short.by_ref().collect::<Vec<_>>().await, [1, 2]);
    assert_eq!(short.ended(), None);
}

#[tokio::test(start_paused = true)]
async fn anonymous_requests_and_own_decisions_can_be_watched() {
    let site = Site::new(Directory::with("alice").layer());
    let mut anonymous = site.watch("/glance", "x-none", "1").await;
    assert!(is_open(&mut anonymous).await);
    let mut owner = site.watch_as("/owned/alice", "alice").await;
    assert!(is_open(&mut owner).await);

    let policed = AuthLayer::new(FakeIdentity::by_header()).with_policy(FakePolicy::permitting([Can::Read]));
    let mut by_policy = Site::new(policed).watch_as("/by-policy", "alice").await;
    assert!(is_open(&mut by_policy).await);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_is_answered_with_no_is_not_watched() {
    let watches = Watches::new();
    let directory = Directory::with("alice");
    let site = Site::new(directory.layer().with_watches(watches.clone()));
    for (path, name, expected) in [
        ("/read", "alice", 200),
        ("/read", "bob", 403),
        ("/read", "", 401),
        ("/read", "banned", 403),
        ("/signed-in", "bob", 200),
        ("/signed-in", "", 401),
        ("/signed-in", "banned", 403),
        ("/owned/alice", "alice", 200),
        ("/owned/alice", "bob", 403),
        // There is no policy.
        ("/by-policy", "alice", 500),
    ] {
        let header = if name.is_empty() { "x-none" } else { USER_HEADER };
        let answer = site.send(path, header, name).await;
        assert_eq!(answer.status, expected, "{path} {name}");
        *site.made.lock().unwrap() = None;
    }
    assert_eq!(watches.count(), 0);
    directory.is_down.store(true, Ordering::SeqCst);
    assert_eq!(site.send("/read", USER_HEADER, "alice").await.status, 503);
    let denying = AuthLayer::new(FakeIdentity::by_header()).with_policy(FakePolicy::permitting([Can::Write]));
    assert_eq!(Site::new(denying).send("/by-policy", USER_HEADER, "alice").await.status, 403);
    let answer = ask(&tickets().site.app, Request::post("/login-and-watch")).await;
    assert_eq!(answer.status, 500);
}

// LG
#[tokio::test(start_paused = true)]
async fn the_end_is_logged_without_a_credential() {
    let Tickets { site, list, .. } = tickets();
    let cookie = site.login("alice").await;
    let mut watch = site.watch("/signed-in", "cookie", &cookie).await;
    assert_eq!(format!("{watch:?}"), "Watch { ended: None, .. }");
    let ((), told) = Log::of(async {
        list.revoke_user(&user("alice")).await.unwrap();
        end_of(&mut watch).await;
    })
    .await;
    let ended = told.iter().find(|event| event.message == "watch ended").unwrap();
    assert_eq!((ended.field("user"), ended.field("reason")), ("alice", "revoked"));
    let secret = cookie.split_once('=').unwrap().1;
    assert!(told.iter().all(|event| event.fields.values().all(|value| !value.contains(secret))));
    assert_eq!(EndReason::Revoked.to_string(), "signed out");
}
