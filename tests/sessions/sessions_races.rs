//! What sessions promise when two requests meet, when a client goes away, and when the store fails.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use auth_runtime::{
    Identity, SessionIdentity, Sessions,
    identity::session::{Excess, MemorySessions},
};
use axum::Router;
use tokio::{task::unconstrained, time::Instant};

use tracing::Level;

use crate::{
    session_support::{Browser, Fault, Told, app, clock},
    support::{self, Log},
};

/// Something that goes on, and comes to a status.
type Going = Pin<Box<dyn Future<Output = u16> + Send>>;

/// One world in which two things happen at once.
struct World {
    store: Told,
    app: Router,
    sessions: Sessions,
    /// A browser in which alice is logged in
    alice: Browser,
    /// What each of the two browsers has in the end
    cookies: [Arc<Mutex<Option<String>>>; 2],
}

impl World {
    async fn new(change: fn(SessionIdentity) -> SessionIdentity) -> Self {
        let (store, clock) = (Told::default(), clock());
        let policy = change(store.policy());
        let sessions = policy.sessions().with_clock(clock.clone());
        let app = app(policy, &clock);
        let mut alice = Browser::new(&app);
        assert_eq!(alice.status("/login/alice").await, 200);
        Self { store, app, sessions, alice, cookies: Default::default() }
    }

    /// A request of a browser that has alice's cookie.
    fn request(&self, at: usize, path: &str) -> Going {
        let (mut browser, path, cookie) =
            (self.alice.thief(), path.to_owned(), Arc::clone(&self.cookies[at]));
        Box::pin(async move {
            let status = if path == "/me" {
                browser.get(&path).await.status.as_u16()
            } else {
                browser.status(&path).await
            };
            *cookie.lock().unwrap() = browser.cookie;
            status
        })
    }

    /// Several, one after the other.
    fn requests(&self, at: usize, paths: &'static [&'static str]) -> Going {
        let (mut browser, cookie) = (self.alice.thief(), Arc::clone(&self.cookies[at]));
        Box::pin(async move {
            let mut status = 0;
            for path in paths {
                status = browser.status(path).await;
            }
            *cookie.lock().unwrap() = browser.cookie;
            status
        })
    }

    fn end_all(&self) -> Going {
        let sessions = self.sessions.clone();
        Box::pin(async move {
            let alice = Identity::new("alice").unwrap();
            sessions.end_all(&alice).await.map_or(503, |_| 200)
        })
    }

    /// Another world, in which alice acts for bob.
    async fn acting(change: fn(SessionIdentity) -> SessionIdentity) -> Self {
        let mut world = Self::new(change).await;
        assert_eq!(world.alice.status("/act-as/bob").await, 200);
        world
    }

    async fn user_of(&self, cookie: Option<String>) -> String {
        Browser { app: self.app.clone(), cookie }.user().await
    }

    async fn last_user(&self, at: usize) -> String {
        let cookie = self.cookies[at].lock().unwrap().clone();
        self.user_of(cookie).await
    }

    async fn listed(&self, user: &str) -> usize {
        self.sessions.list(&Identity::new(user).unwrap()).await.unwrap().len()
    }
}

/// Lets what was spawned run.
async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

/// Which orders of two things are tried.
#[derive(Clone, Copy)]
enum Orders {
    All,
    /// So many of them, which look as if they were drawn by lot
    Some(u64),
}

/// Runs two things in every order of their calls of the store. In each world `meet` starts them, and `check` receives
/// what they came to.
async fn explore(
    orders: Orders,
    change: fn(SessionIdentity) -> SessionIdentity,
    meet: impl Fn(&World) -> [Going; 2],
    check: impl AsyncFn(&World, [u16; 2]),
) -> u64 {
    explore_in(async || World::new(change).await, orders, meet, check).await
}

/// As [`explore`], in worlds that are made like this.
async fn explore_in(
    make: impl AsyncFn() -> World,
    orders: Orders,
    meet: impl Fn(&World) -> [Going; 2],
    check: impl AsyncFn(&World, [u16; 2]),
) -> u64 {
    let mut schedule: Vec<bool> = Vec::new();
    let mut worlds = 0;
    let mut lot: u64 = 0x9e37_79b9_7f4a_7c15;
    loop {
        let world = make().await;
        world.store.let_others_go_first(true);
        let mut going = meet(&world).map(|going| Some(Box::pin(unconstrained(going))));
        let mut statuses = [0; 2];
        let (mut step, mut blocked) = (0, None);
        while let [first, second] = [going[0].is_some(), going[1].is_some()]
            && (first || second)
        {
            let at = match blocked.take().filter(|_| first && second) {
                Some(blocked) => 1 - blocked,
                None if first && second => {
                    if step == schedule.len() {
                        lot ^= lot << 13;
                        lot ^= lot >> 7;
                        lot ^= lot << 17;
                        schedule.push(matches!(orders, Orders::Some(_)) && lot & 1 == 1);
                    }
                    step += 1;
                    usize::from(schedule[step - 1])
                }
                None => usize::from(second),
            };
            let calls = world.store.calls();
            let polled =
                poll_fn(|context| Poll::Ready(going[at].as_mut().unwrap().as_mut().poll(context))).await;
            match polled {
                Poll::Ready(status) => {
                    statuses[at] = status;
                    going[at] = None;
                }
                // It waits for the other one, not for the store.
                Poll::Pending if world.store.calls() == calls => blocked = Some(at),
                Poll::Pending => {}
            }
        }
        schedule.truncate(step);
        world.store.let_others_go_first(false);
        settle().await;
        check(&world, statuses).await;
        worlds += 1;
        if let Orders::Some(tries) = orders {
            if worlds >= tries {
                return worlds;
            }
            schedule.clear();
            continue;
        }
        assert!(worlds < 20_000, "there is an end to it");
        // The next schedule: the last choice that can still be made otherwise.
        while schedule.last() == Some(&true) {
            schedule.pop();
        }
        match schedule.last_mut() {
            Some(choice) => *choice = true,
            None => return worlds,
        }
    }
}

const fn plain(policy: SessionIdentity) -> SessionIdentity {
    policy
}

fn always_written_back(policy: SessionIdentity) -> SessionIdentity {
    policy.with_write_back_after(Duration::ZERO)
}

fn one_each(policy: SessionIdentity) -> SessionIdentity {
    policy.with_max_sessions(1, Excess::EvictOldest)
}

// Once a log-out is answered, no other request brings the session back, in any order of the two.
#[tokio::test(start_paused = true)]
async fn no_order_of_calls_brings_a_session_back() {
    let mut worlds = 0;
    for path in ["/me", "/put/a/1", "/rotate", "/logout", "/login/bob"] {
        worlds += explore(
            Orders::All,
            always_written_back,
            |world| [world.request(0, path), world.request(1, "/logout")],
            async |world, [status, logout]| {
                assert_eq!(logout, 200, "{path}");
                assert_eq!(world.user_of(world.alice.cookie.clone()).await, "401", "{path}");
                let user = world.last_user(0).await;
                if path == "/login/bob" {
                    // A log-in is another session, begun with another proof.
                    assert_eq!((status, user.as_str()), (200, "bob"));
                    // That its cookie was replaced may still be known of the session before it.
                    assert!([3, 4].contains(&world.store.memory.len()), "{}", world.store.memory.len());
                    return;
                }
                assert!([200, 401].contains(&status), "{path}: {status}");
                assert_eq!(user, "401", "{path}");
                // Data that `put` stores for a client without a session belongs to no user.
                let may_leave = matches!(path, "/put/a/1" | "/rotate");
                assert!(world.store.memory.is_empty() || may_leave, "{path}");
            },
        )
        .await;
        println!("{path} and /logout: {worlds} orders so far");
    }
    assert!(worlds > 500, "{worlds}");
}

// Nor does a user who begins to act for another user, with a session that has ended meanwhile or has another value.
#[tokio::test(start_paused = true)]
async fn an_ended_session_cannot_impersonate() {
    for path in ["/logout", "/rotate", "/login/alice", "/act-as/bob"] {
        let world = World::new(plain).await;
        let mut acting = Box::pin(unconstrained(world.request(0, "/act-slowly/bob")));
        for _ in 0..4 {
            assert!(poll_fn(|context| Poll::Ready(acting.as_mut().poll(context))).await.is_pending());
        }
        assert_eq!(world.request(1, path).await, 200, "{path}");
        assert_eq!(acting.await, 401, "{path}");
        let others = usize::from(path == "/act-as/bob");
        assert_eq!((world.last_user(0).await.as_str(), world.listed("bob").await), ("401", others), "{path}");
    }
    // Without them it does.
    let world = World::new(plain).await;
    assert_eq!(world.request(0, "/act-slowly/bob").await, 200);
    assert_eq!(world.last_user(0).await, "bob");
}

// Of several rotations one has the session.
#[tokio::test(start_paused = true)]
async fn no_order_of_calls_leaves_a_session_two_values() {
    for (path, orders) in [("/rotate", Orders::All), ("/act-as/bob", Orders::Some(300))] {
        let worlds = explore(
            orders,
            plain,
            |world| [world.request(0, path), world.request(1, path)],
            async |world, mut statuses| {
                statuses.sort_unstable();
                // Who comes when all is over has nothing to rotate, and gets no error.
                let is_late = path == "/rotate" && statuses == [200, 200];
                assert!(is_late || statuses == [200, 401], "{path}: {statuses:?}");
                let users = [world.last_user(0).await, world.last_user(1).await];
                assert_eq!(users.iter().filter(|user| *user != "401").count(), 1, "{path}: {users:?}");
                assert_eq!(world.listed("alice").await + world.listed("bob").await, 1, "{path}");
                assert_eq!(world.user_of(world.alice.cookie.clone()).await, "401", "{path}");
            },
        )
        .await;
        assert!(worlds > 5, "{path}: {worlds}");
    }
}

// Of two changes none is lost, and one that comes too late fails.
#[tokio::test(start_paused = true)]
async fn no_order_of_calls_loses_a_change() {
    let worlds = explore(
        Orders::All,
        always_written_back,
        |world| [world.request(0, "/put/a/1"), world.request(1, "/put/b/2")],
        async |world, statuses| {
            assert_eq!(statuses, [200, 200]);
            let mut browser = world.alice.thief();
            assert_eq!(browser.get("/value/a").await.text, "1");
            assert_eq!(browser.get("/value/b").await.text, "2");
        },
    )
    .await;
    assert!(worlds > 20, "{worlds}");
    explore(
        Orders::All,
        plain,
        |world| [world.request(0, "/put/a/1"), world.request(1, "/rotate")],
        async |world, [put, rotated]| {
            assert_eq!(rotated, 200);
            let cookie = world.cookies[1].lock().unwrap().clone();
            let mut browser = Browser { app: world.app.clone(), cookie };
            assert_eq!(browser.user().await, "alice");
            // It was made by the session, or failed; the rotated cookie is not replaced by that of an
            // anonymous session.
            assert_eq!(*world.cookies[0].lock().unwrap(), world.alice.cookie);
            let value = browser.get("/value/a").await.text;
            assert!([(200, "1"), (401, "")].contains(&(put, value.as_str())), "{put} {value}");
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn no_order_of_calls_hides_a_session_from_its_end() {
    for path in ["/login/alice", "/rotate", "/put/a/1"] {
        let conflicts = AtomicUsize::new(0);
        let explored = explore(
            Orders::All,
            plain,
            |world| [world.request(0, path), world.end_all()],
            async |world, [status, ended]| {
                assert_eq!(ended, 200);
                conflicts.fetch_add(usize::from(status == 409), Ordering::SeqCst);
                assert!([200, 401, 409].contains(&status), "{path} {status}");
                let user = world.last_user(0).await;
                // Only a log-in may have begun after the end; it is then listed, and ends at the next try.
                assert!(user == "401" || path == "/login/alice", "{path} {status}");
                assert_eq!(world.listed("alice").await, usize::from(user == "alice"), "{path}");
                assert_eq!(world.end_all().await, 200);
                assert_eq!(world.last_user(0).await, "401");
            },
        );
        let (_, told) = Log::of(explored).await;
        // A log-in that was ended meanwhile is a conflict, and not an outage.
        let is_login = path == "/login/alice";
        assert_eq!(conflicts.into_inner() > 0, is_login, "{path}");
        assert!(told.iter().all(|event| event.level != Level::ERROR), "{path}: {told:?}");
        let rejected =
            |event: &&support::Told| event.message == "change rejected" && event.level == Level::INFO;
        let of_logins = told.iter().filter(|event| rejected(event) && event.field("operation") == "remember");
        assert_eq!(of_logins.count() > 0, is_login, "{path}");
    }
}

// Nor by way of an impersonation that begins or ends at this moment, which is not a log-in.
#[tokio::test(start_paused = true)]
async fn no_order_of_calls_hides_who_acts_for_others_from_the_end() {
    for (is_acting, path) in
        [(false, "/act-as/bob"), (false, "/act-slowly/bob"), (true, "/back"), (true, "/back-later")]
    {
        let make = async || if is_acting { World::acting(plain).await } else { World::new(plain).await };
        let worlds = explore_in(
            make,
            Orders::Some(400),
            |world| [world.request(0, path), world.end_all()],
            async |world, [status, ended]| {
                assert_eq!(ended, 200);
                assert_eq!(world.last_user(0).await, "401", "{path} {status}");
                assert_eq!((world.listed("alice").await, world.listed("bob").await), (0, 0), "{path}");
            },
        )
        .await;
        assert_eq!(worlds, 400);
    }
}

// What cannot be read is ended all the same, and the others with it.
#[tokio::test(start_paused = true)]
async fn a_session_that_cannot_be_read_keeps_none_from_being_ended() {
    for fault in [Fault::Fails, Fault::Hangs] {
        for call in 0.. {
            let world = World::new(plain).await;
            let mut other = Browser::new(&world.app);
            assert_eq!(other.status("/login/alice").await, 200);
            world.store.fail(call..call + 1, fault);
            let status = world.end_all().await;
            if world.store.calls() <= call {
                assert!(call > 4, "{call}");
                break;
            }
            world.store.recover();
            let users = [world.user_of(world.alice.cookie.clone()).await, other.user().await];
            let alive = users.iter().filter(|user| *user == "alice").count();
            assert_eq!((status, alive), (503, 0), "{fault:?} at {call}: {users:?}");
            assert_eq!(world.end_all().await, 200);
        }
    }
}

// The start or end of an impersonation is not a log-in, and ends with those that were there.
#[tokio::test(start_paused = true)]
async fn no_order_of_calls_hides_who_acts_from_the_end_of_all() {
    const CHAINS: [&[&str]; 3] =
        [&["/act-as/bob"], &["/act-as/bob", "/back"], &["/act-as/bob", "/back", "/act-as/bob"]];
    for paths in CHAINS {
        explore(
            Orders::Some(300),
            plain,
            |world| [world.requests(0, paths), world.end_all()],
            async |world, [_, ended]| {
                assert_eq!(ended, 200);
                assert_eq!(world.last_user(0).await, "401", "{paths:?}");
                assert_eq!(world.listed("alice").await + world.listed("bob").await, 0, "{paths:?}");
            },
        )
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn no_order_of_calls_lets_a_user_have_more_sessions_than_allowed() {
    let fresh = |world: &World, at: usize| {
        let (mut browser, cookie) = (Browser::new(&world.app), Arc::clone(&world.cookies[at]));
        let going: Going = Box::pin(async move {
            let status = browser.status("/login/alice").await;
            *cookie.lock().unwrap() = browser.cookie;
            status
        });
        going
    };
    explore(
        Orders::Some(1000),
        one_each,
        |world| [fresh(world, 0), fresh(world, 1)],
        async |world, _| {
            assert!(world.listed("alice").await <= 1);
            let users = [
                world.last_user(0).await,
                world.last_user(1).await,
                world.user_of(world.alice.cookie.clone()).await,
            ];
            assert!(users.iter().filter(|user| *user == "alice").count() <= 1, "{users:?}");
        },
    )
    .await;
}

/// A request, and whether it changes who the client is.
const FLOWS: [&str; 8] = [
    "/me",
    "/put/a/1",
    "/rotate",
    "/login/bob",
    "/login-slowly/bob",
    "/login-twice/bob",
    "/login-and-out",
    "/logout",
];

async fn ask(browser: &mut Browser, path: &str) -> u16 {
    if path == "/me" { browser.get(path).await.status.as_u16() } else { browser.status(path).await }
}

// SECURITY 3.4: each fault, at each call of each flow.
#[tokio::test(start_paused = true)]
async fn a_fault_at_any_call_fails_closed() {
    let mut tried = 0;
    for path in FLOWS {
        for fault in [Fault::Fails, Fault::FailsAfter, Fault::Forgets, Fault::Garbage, Fault::Hangs] {
            for call in 0.. {
                let world = World::new(always_written_back).await;
                let mut browser = world.alice.thief();
                world.store.fail(call..call + 1, fault);
                let start = Instant::now();
                let status = ask(&mut browser, path).await;
                if world.store.calls() <= call {
                    break;
                }
                tried += 1;
                let told = format!("{path} {fault:?} at {call}: {status}");
                // The deadline holds, with a little for each look-up.
                assert!(start.elapsed() <= Duration::from_millis(1500), "{told} {:?}", start.elapsed());
                world.store.recover();
                tokio::time::sleep(Duration::from_secs(10)).await;
                let is_lie = fault == Fault::Forgets;
                assert!([200, 401, 503].contains(&status), "{told}");
                if fault != Fault::Garbage && !is_lie && path == "/me" && call < 3 {
                    assert_eq!(status, 503, "{told}");
                }
                let user = browser.user().await;
                let old = world.user_of(world.alice.cookie.clone()).await;
                match path {
                    "/login/bob" | "/login-slowly/bob" | "/login-twice/bob" if status == 200 => {
                        assert!(user == "bob" || is_lie, "{told}: {user}");
                        // Unless the old session could not be found, which no log-in can help.
                        assert!(old == "401" || call < 3 || is_lie, "{told}");
                    }
                    "/logout" | "/login-and-out" => {
                        assert!(browser.cookie.is_none() || (path != "/logout" && status == 503), "{told}");
                        assert!(status != 200 || old == "401" || is_lie || fault == Fault::Garbage, "{told}");
                    }
                    _ => assert_ne!(user, "bob", "{told}"),
                }
                // No client without the cookie is logged in.
                if user != "bob" && !is_lie {
                    assert_eq!(world.listed("bob").await, 0, "{told}");
                }
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_is_never_taken_for_anonymous() {
    for fault in [Fault::Fails, Fault::Hangs] {
        let world = World::new(plain).await;
        world.store.fail(0..usize::MAX, fault);
        let mut browser = world.alice.thief();
        for path in ["/me", "/maybe", "/value/a", "/id"] {
            let start = Instant::now();
            assert_eq!(browser.get(path).await.status, 503, "{path}");
            assert!(start.elapsed() <= Duration::from_millis(550));
        }
        for path in ["/put/a/1", "/rotate", "/login/bob"] {
            let answer = browser.post(path).await;
            assert_eq!((answer.status.as_u16(), answer.set_cookie.len()), (503, 0), "{path}");
        }
        // A request that asks for no user is not delayed.
        assert_eq!(browser.get("/public").await.status, 200);
        let answer = browser.post("/logout").await;
        assert_eq!((answer.status.as_u16(), answer.set_cookie.len(), browser.cookie.clone()), (503, 1, None));
        // A client without a cookie is anonymous, whether the store is up or not.
        assert_eq!(browser.user().await, "401");
        world.store.recover();
        assert_eq!(
            world.user_of(world.alice.cookie.clone()).await,
            "alice",
            "it was said that it had not worked"
        );
    }
}

// The client goes away after each poll of each flow.
#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_leaves_nothing_half_done() {
    let mut tried = 0;
    for path in FLOWS {
        for polls in 1.. {
            let world = World::new(always_written_back).await;
            let before = world.store.memory.len();
            world.store.let_others_go_first(true);
            let mut going = Box::pin(unconstrained(world.request(0, path)));
            let mut done = false;
            for _ in 0..polls {
                done = poll_fn(|context| Poll::Ready(going.as_mut().poll(context))).await.is_ready();
                if done {
                    break;
                }
            }
            drop(going);
            if done {
                break;
            }
            tried += 1;
            world.store.let_others_go_first(false);
            settle().await;
            assert_eq!(world.listed("bob").await + world.listed("mallory").await, 0, "{path} after {polls}");
            let user = world.user_of(world.alice.cookie.clone()).await;
            assert!(["alice", "401"].contains(&user.as_str()), "{path} after {polls}: {user}");
            // A rotation may be through with its new value never delivered.
            assert!(
                world.store.memory.len() <= before + usize::from(path == "/put/a/1"),
                "{path} after {polls}"
            );
            // Nothing is locked, and the next request does what it should.
            let mut browser = world.alice.thief();
            assert_eq!(browser.status("/put/a/2").await, 200);
            assert_eq!(browser.status("/logout").await, 200);
            assert_eq!(world.user_of(world.alice.cookie.clone()).await, "401");
        }
    }
    assert!(tried > 50, "{tried}");
}

/// Many users at once, each with an attacker who has copied the cookie.
async fn soak(users: usize) {
    let (memory, clock) = (MemorySessions::new(), clock());
    let policy = SessionIdentity::in_memory(memory.clone()).with_write_back_after(Duration::ZERO);
    let sessions = policy.sessions().with_clock(clock.clone());
    let app = app(policy, &clock);
    let wrong = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..users)
        .map(|at| {
            let (app, wrong, sessions) = (app.clone(), Arc::clone(&wrong), sessions.clone());
            tokio::spawn(async move {
                let user = format!("user-{at}");
                let mut browser = Browser::new(&app);
                browser.status(&format!("/login/{user}")).await;
                let first = browser.cookie.clone().unwrap();
                let mut thief = browser.thief();
                let busy = tokio::spawn(async move {
                    for _ in 0..5 {
                        thief.get("/me").await;
                        thief.get("/value/a").await;
                    }
                    thief
                });
                browser.status("/rotate").await;
                browser.status("/put/a/1").await;
                let user_before = browser.user().await;
                let mut copy = browser.thief();
                if at % 2 == 0 {
                    browser.status("/logout").await;
                } else {
                    sessions.end_all(&Identity::new(&user).unwrap()).await.unwrap();
                }
                let after = copy.user().await;
                let mut thief = busy.await.unwrap();
                if user_before != user || after != "401" || thief.user().await != "401" {
                    wrong.fetch_add(1, Ordering::Relaxed);
                }
                first
            })
        })
        .collect();
    let mut cookies = std::collections::HashSet::new();
    for task in tasks {
        assert!(cookies.insert(task.await.unwrap()), "two sessions have one cookie");
    }
    assert_eq!(wrong.load(Ordering::Relaxed), 0);
    settle().await;
    // What is left are doors of sessions that `end_all` has ended, and they go with their time.
    clock.advance(Duration::from_hours(24));
    sessions.delete_expired().await.unwrap();
    assert!(memory.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_users_at_once() {
    soak(500).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a while; CI runs it by `--ignored`"]
async fn ten_thousand_users_at_once() {
    soak(10_000).await;
}
