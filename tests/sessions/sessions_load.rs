//! What sessions promise under load: no log-in is lost and none is left behind, in any store, and what clients see of a
//! store that is killed and started again.
//!
//! Each test starts the server that it wants by itself. They take a while: `cargo test … -- --ignored --nocapture`.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write as _,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use auth_runtime::{Identity, SessionIdentity, Sessions, identity::session::MemorySessions};
use axum::Router;
use fred::prelude::{Builder, ClientLike as _, Config, Pool, ReconnectPolicy};
use tokio::time::sleep;

use crate::{
    postgres_server::PostgresServer,
    redis_server::RedisServer,
    session_support::{Browser, app, clock},
};

const USERS: usize = 10_000;
/// How soon all is well after a store has come back, without a restart of the application.
const WELL_AGAIN: Duration = Duration::from_secs(20);

/// A folder that is gone with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sessions-load-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A busy machine may keep a database waiting for longer than a user should.
fn patient(policy: SessionIdentity) -> SessionIdentity {
    policy.with_store_deadline(Duration::from_mins(5))
}

async fn redis_pool(server: &RedisServer) -> Pool {
    let mut builder = Builder::from_config(Config::from_url(&server.address()).unwrap());
    let pool = builder.set_policy(ReconnectPolicy::new_constant(0, 50)).build_pool(4).unwrap();
    pool.init().await.unwrap();
    pool
}

async fn postgres_pool(server: &PostgresServer) -> sqlx::PgPool {
    sqlx::PgPool::connect(&server.address()).await.unwrap()
}

/// All users log in at once, and then log out at once: half of them by themselves, half of them by `end_all`.
///
/// `left` counts what there is in the store: records, and entries of the index.
async fn soak(users: usize, policy: SessionIdentity, left: impl AsyncFn() -> usize, left_over: usize) {
    let sessions = policy.sessions();
    let app = app(policy, &clock());
    let start = Instant::now();

    let logged_in = at_once(users, |at| {
        let mut browser = Browser::new(&app);
        async move {
            let user = format!("user-{at}");
            assert_eq!(browser.status(&format!("/login/{user}")).await, 200);
            browser
        }
    })
    .await;
    let cookies: HashSet<_> = logged_in.iter().map(|browser| browser.cookie.clone().unwrap()).collect();
    assert_eq!(cookies.len(), users, "two sessions have one cookie");
    // A core, a door and values of each, and an entry of the index.
    assert_eq!(left().await, users * 4);
    let between = start.elapsed();

    at_once(users, |at| {
        let (sessions, mut browser) = (sessions.clone(), logged_in.get(at).unwrap().clone());
        async move {
            let user = format!("user-{at}");
            let mut copy = browser.thief();
            // None lost: every client with a successful log-in is logged in, independent of the others.
            assert_eq!(copy.user().await, user);
            log_out(at, &sessions, &mut browser).await;
            // None left behind: neither for who has copied the cookie, nor in the list.
            assert_eq!(copy.user().await, "401");
            assert!(sessions.list(&Identity::new(user).unwrap()).await.unwrap().is_empty());
        }
    })
    .await;
    // Nor in the store, but outside of memory for the doors of sessions that were ended from outside, which
    // lead nowhere and expire.
    assert_eq!(left().await, left_over);
    println!("{users} log-ins: {between:.1?}, and their log-outs by {:.1?}", start.elapsed());
}

async fn log_out(at: usize, sessions: &Sessions, browser: &mut Browser) {
    if at.is_multiple_of(2) {
        assert_eq!(browser.status("/logout").await, 200);
    } else {
        let user = Identity::new(format!("user-{at}")).unwrap();
        assert_eq!(sessions.end_all(&user).await.unwrap(), 1);
    }
}

async fn at_once<F>(users: usize, act: impl Fn(usize) -> F) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let tasks: Vec<_> = (0..users).map(|at| tokio::spawn(act(at))).collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    done
}

async fn soak_memory(users: usize) {
    let memory = MemorySessions::new();
    // The memory counts records only.
    let listed = std::sync::atomic::AtomicBool::new(true);
    let left = async || memory.len() + if listed.swap(false, Ordering::Relaxed) { users } else { 0 };
    soak(users, SessionIdentity::in_memory(memory.clone()), left, 0).await;
}

async fn soak_sqlite(users: usize) {
    let folder = Folder::new("sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(folder.0.join("db"))
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Off);
    let pools = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = pools.acquire_timeout(Duration::from_mins(5)).connect_with(options).await.unwrap();
    let policy = patient(SessionIdentity::sqlite(pool.clone()));
    policy.migrate().await.unwrap();
    let count = "select (select count(*) from tower_sessions) + (select count(*) from auth_session_index)";
    let left = async || {
        let (left,): (i64,) = sqlx::query_as(count).fetch_one(&pool).await.unwrap();
        usize::try_from(left).unwrap()
    };
    soak(users, policy, left, users / 2).await;
    pool.close().await;
}

async fn soak_postgres(users: usize) {
    let Some(server) = PostgresServer::start() else { return };
    let pools = sqlx::postgres::PgPoolOptions::new().max_connections(8);
    let pool = pools.acquire_timeout(Duration::from_mins(5)).connect(&server.address()).await.unwrap();
    let policy = patient(SessionIdentity::postgres(pool.clone()));
    policy.migrate().await.unwrap();
    let count =
        "select (select count(*) from tower_sessions.session) + (select count(*) from auth_session_index)";
    let left = async || {
        let (left,): (i64,) = sqlx::query_as(count).fetch_one(&pool).await.unwrap();
        usize::try_from(left).unwrap()
    };
    soak(users, policy, left, users / 2).await;
    pool.close().await;
}

async fn soak_redis(users: usize) {
    let Some(server) = RedisServer::start() else { return };
    let pool = redis_pool(&server).await;
    let left = async || {
        let size = server.tell("DBSIZE").unwrap();
        size.trim().trim_start_matches(':').parse().unwrap()
    };
    soak(users, patient(SessionIdentity::redis(pool.clone())), left, users / 2).await;
}

// A few, so that the soak itself is tested with the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_log_ins_and_log_outs_at_once() {
    soak_memory(100).await;
    soak_sqlite(100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a while; CI runs it by `--ignored`"]
async fn ten_thousand_log_ins_and_log_outs_in_memory() {
    soak_memory(USERS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a while; CI runs it by `--ignored`"]
async fn ten_thousand_log_ins_and_log_outs_in_sqlite() {
    soak_sqlite(USERS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a while; CI runs it by `--ignored`"]
async fn ten_thousand_log_ins_and_log_outs_in_postgresql() {
    soak_postgres(USERS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a while; CI runs it by `--ignored`"]
async fn ten_thousand_log_ins_and_log_outs_in_redis() {
    soak_redis(USERS).await;
}

/// Where the store is in its life.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Phase {
    Up,
    Down,
    Starting,
    Back,
    /// The store was killed, or came back, while the request was under way
    Between,
}

/// Who asks.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Client {
    /// Is logged in, and asks for what is guarded
    Valid,
    /// Has logged out, and asks for the same
    LoggedOut,
    /// Has invented a cookie, and asks for the same
    Unknown,
    /// Is logged in, and asks for what is public
    Public,
    LogIn,
    LogOut,
}

/// What clients saw, and the stage that they see it on.
#[derive(Clone)]
struct Audience {
    app: Router,
    phase: Arc<AtomicU8>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    counts: BTreeMap<(Client, Phase, u16), usize>,
    longest: BTreeMap<Client, Duration>,
    /// Whose log-in was answered with 200, and who then stayed
    stayed: Vec<Browser>,
    /// Whose log-out was answered with 200
    gone: Vec<Browser>,
}

const PHASES: [Phase; 4] = [Phase::Up, Phase::Down, Phase::Starting, Phase::Back];

impl Audience {
    fn new(app: Router) -> Self {
        Self { app, phase: Arc::default(), seen: Arc::default() }
    }

    fn phase(&self) -> Phase {
        PHASES.into_iter().nth(self.phase.load(Ordering::SeqCst).into()).unwrap()
    }

    fn enter(&self, phase: Phase) {
        let at = PHASES.iter().position(|known| *known == phase).unwrap();
        self.phase.store(u8::try_from(at).unwrap(), Ordering::SeqCst);
    }

    /// Asks, and notes what was seen.
    async fn ask(&self, client: Client, browser: &mut Browser, path: &str) -> u16 {
        let (before, start) = (self.phase(), Instant::now());
        let answer = match client {
            Client::LogIn | Client::LogOut => browser.post(path).await,
            _ => browser.get(path).await,
        };
        let (waited, status) = (start.elapsed(), answer.status.as_u16());
        let phase = if before == self.phase() { before } else { Phase::Between };
        let mut seen = self.seen.lock().unwrap();
        *seen.counts.entry((client, phase, status)).or_default() += 1;
        let longest = seen.longest.entry(client).or_default();
        *longest = waited.max(*longest);
        status
    }

    async fn keep_asking(self, client: Client, mut browser: Browser) {
        let path = if client == Client::Public { "/public" } else { "/me" };
        loop {
            self.ask(client, &mut browser, path).await;
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// Logs one user after another in, and every second one out.
    async fn keep_coming(self) {
        for at in 0_usize.. {
            let mut browser = Browser::new(&self.app);
            let status = self.ask(Client::LogIn, &mut browser, &format!("/login/visitor-{at}")).await;
            if status == 200 && at.is_multiple_of(2) {
                self.seen.lock().unwrap().stayed.push(browser);
            } else if status == 200 {
                let copy = browser.thief();
                if self.ask(Client::LogOut, &mut browser, "/logout").await == 200 {
                    self.seen.lock().unwrap().gone.push(copy);
                }
            }
            sleep(Duration::from_millis(2)).await;
        }
    }

    fn count(&self, client: Client, phase: Phase, status: u16) -> usize {
        self.seen.lock().unwrap().counts.get(&(client, phase, status)).copied().unwrap_or(0)
    }

    fn print(&self, store: &str, well_again: Duration) {
        let seen = self.seen.lock().unwrap();
        let mut text =
            format!("{store}, killed and started again under load; all well after {well_again:.1?}\n");
        for ((client, phase, status), count) in &seen.counts {
            writeln!(text, "  {client:?} {phase:?} {status}: {count}").unwrap();
        }
        for (client, longest) in &seen.longest {
            writeln!(text, "  {client:?} waited no longer than {longest:.0?}").unwrap();
        }
        println!("{text}");
    }
}

/// Puts load on an application, kills its store, starts it again, and counts.
async fn kill_under_load(
    store: &str,
    policy: SessionIdentity,
    kill: impl FnOnce(),
    run: impl FnOnce() + Send + 'static,
) {
    let audience = Audience::new(app(policy, &clock()));
    let mut valid = Browser::new(&audience.app);
    assert_eq!(valid.status("/login/alice").await, 200);
    let mut leaving = Browser::new(&audience.app);
    assert_eq!(leaving.status("/login/bob").await, 200);
    let logged_out = leaving.thief();
    assert_eq!(leaving.status("/logout").await, 200);
    let unknown = Browser::with_cookie(&audience.app, &"A".repeat(43));

    let mut tasks = Vec::new();
    for _ in 0..4 {
        for (client, browser) in [
            (Client::Valid, valid.clone()),
            (Client::LoggedOut, logged_out.clone()),
            (Client::Unknown, unknown.clone()),
            (Client::Public, valid.clone()),
        ] {
            tasks.push(tokio::spawn(audience.clone().keep_asking(client, browser)));
        }
    }
    tasks.push(tokio::spawn(audience.clone().keep_coming()));

    sleep(Duration::from_secs(2)).await;
    kill();
    audience.enter(Phase::Down);
    sleep(Duration::from_secs(3)).await;
    audience.enter(Phase::Starting);
    tokio::task::spawn_blocking(run).await.unwrap();
    let back = Instant::now();
    // Well is who asks twenty times, and is known each time.
    let mut in_a_row = 0;
    while in_a_row < 20 {
        in_a_row = if valid.user().await == "alice" { in_a_row + 1 } else { 0 };
        assert!(back.elapsed() < WELL_AGAIN, "{store}: not well again");
        sleep(Duration::from_millis(10)).await;
    }
    let well_again = back.elapsed();
    audience.enter(Phase::Back);
    sleep(Duration::from_secs(2)).await;
    for task in tasks {
        task.abort();
        // A client that found what it does not expect has panicked.
        assert!(task.await.unwrap_err().is_cancelled());
    }
    audience.print(store, well_again);
    check(&audience).await;
}

async fn check(audience: &Audience) {
    let counts = audience.seen.lock().unwrap().counts.clone();
    for ((client, phase, status), count) in counts {
        let told = format!("{client:?} {phase:?}: {count} times {status}");
        match client {
            // A store that is down neither logs users in nor out, and mixes none up.
            Client::Valid | Client::LogIn | Client::LogOut => assert!([200, 503].contains(&status), "{told}"),
            Client::LoggedOut | Client::Unknown => assert!([401, 503].contains(&status), "{told}"),
            // A request that asks for no user is not delayed.
            Client::Public => assert_eq!(status, 200, "{told}"),
        }
        if phase == Phase::Down && client != Client::Public {
            assert_eq!(status, 503, "{told}");
        }
    }
    for phase in [Phase::Up, Phase::Back] {
        assert!(audience.count(Client::Valid, phase, 200) > 0);
        assert!(audience.count(Client::Public, phase, 200) > 0);
        assert!(audience.count(Client::LogIn, phase, 200) > 0);
    }
    assert!(audience.count(Client::Valid, Phase::Down, 503) > 0);
    assert!(audience.count(Client::Public, Phase::Down, 200) > 0);
    let longest = audience.seen.lock().unwrap().longest.values().max().copied().unwrap();
    // A log-in makes eight calls of half a second at most, one after another.
    assert!(longest < Duration::from_secs(10), "{longest:?}");

    // What was answered with 200 holds, after all later requests.
    let (stayed, gone) = {
        let mut seen = audience.seen.lock().unwrap();
        (std::mem::take(&mut seen.stayed), std::mem::take(&mut seen.gone))
    };
    assert!(!stayed.is_empty() && !gone.is_empty());
    for browser in stayed {
        assert!(patient_user(browser).await.starts_with("visitor-"));
    }
    for browser in gone {
        assert_eq!(patient_user(browser).await, "401");
    }
}

/// Who the guard takes a client for; a busy machine may need another try.
async fn patient_user(mut browser: Browser) -> String {
    for _ in 0..20 {
        let user = browser.user().await;
        if user != "503" {
            return user;
        }
    }
    panic!("the store does not answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a while; CI runs it by `--ignored`"]
async fn redis_is_killed_and_started_again_under_load() {
    let folder = Folder::new("redis");
    let Some(server) = RedisServer::start_in(Some(folder.0.clone())) else { return };
    let policy = SessionIdentity::redis(redis_pool(&server).await);
    let server = Arc::new(Mutex::new(server));
    let again = Arc::clone(&server);
    let kill = || server.lock().unwrap().kill();
    kill_under_load("Redis", policy, kill, move || assert!(again.lock().unwrap().run())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a while; CI runs it by `--ignored`"]
async fn postgresql_is_killed_and_started_again_under_load() {
    let Some(server) = PostgresServer::start() else { return };
    let policy = SessionIdentity::postgres(postgres_pool(&server).await);
    policy.migrate().await.unwrap();
    let server = Arc::new(Mutex::new(server));
    let again = Arc::clone(&server);
    let kill = || server.lock().unwrap().kill();
    kill_under_load("PostgreSQL", policy, kill, move || again.lock().unwrap().run()).await;
}
