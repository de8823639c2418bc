//! Groups and users are kept for a while: looked up once, never older than the last order to forget them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, Answer, AuthLayer, BoxError, CurrentUser, Groups, UserId, acl, acl_required, async_trait,
    auth_required,
    authorization::{CachedGroups, GroupQuestion, GroupSource, never_blocks},
    revocation::{Invalidate, Push},
    testing::{FakeIdentity, FrozenClock, USER_HEADER},
    users::{CachedUsers, UserLoader, Users},
};
use axum::{Router, http::Request, routing::get};
use tokio::sync::Semaphore;

use crate::support;

/// A table of groups that counts its look-ups, and answers when it is let.
#[derive(Clone)]
struct Table {
    looked_up: Arc<AtomicU32>,
    version: Arc<AtomicU32>,
    is_down: Arc<AtomicBool>,
    gate: Arc<Semaphore>,
}

impl Table {
    fn open() -> Self {
        Self::with_gate(Semaphore::MAX_PERMITS)
    }

    fn closed() -> Self {
        Self::with_gate(0)
    }

    fn with_gate(permits: usize) -> Self {
        Self {
            looked_up: Arc::default(),
            version: Arc::default(),
            is_down: Arc::default(),
            gate: Arc::new(Semaphore::new(permits)),
        }
    }

    fn looked_up(&self) -> u32 {
        self.looked_up.swap(0, Ordering::SeqCst)
    }

    /// Reads first, and answers when it is let: what it answers may be old by then.
    async fn look_up(&self, user: Option<&UserId>) -> Result<Option<u32>, BoxError> {
        self.looked_up.fetch_add(1, Ordering::SeqCst);
        let version = self.version.load(Ordering::SeqCst);
        self.gate.acquire().await?.forget();
        if self.is_down.load(Ordering::SeqCst) {
            return Err("the table is locked".into());
        }
        Ok(user.is_none_or(|user| *user != "blocked").then_some(version))
    }
}

impl GroupSource for Table {
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        Answer::later(async move {
            Ok(self
                .look_up(question.user())
                .await?
                .map(|version| Groups::from([format!("version {version}")])))
        })
    }
}

impl UserLoader for Table {
    type User = u32;

    fn load<'a>(&'a self, user: &'a UserId) -> Answer<'a, Result<Option<Arc<u32>>, BoxError>> {
        Answer::later(async move { Ok(self.look_up(Some(user)).await?.map(Arc::new)) })
    }

    fn is_disabled(&self, version: &u32) -> bool {
        *version == 13
    }
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

async fn version(groups: &CachedGroups<Table>, name: &str) -> Result<Option<Groups>, BoxError> {
    match groups.groups(GroupQuestion::about(Some(&user(name)))) {
        Answer::Now(answer) => answer,
        Answer::Later(answer) => answer.await,
    }
}

fn is_version(answer: Result<Option<Groups>, BoxError>, version: u32) -> bool {
    answer.unwrap().unwrap().contains(format!("version {version}").as_str())
}

#[tokio::test]
async fn an_answer_is_kept_for_its_time_and_no_longer() {
    let (table, clock) = (Table::open(), FrozenClock::at(1_000));
    let groups = CachedGroups::new(table.clone())
        .with_time_to_live(Duration::from_secs(30))
        .with_negative_time_to_live(Duration::from_secs(3))
        .with_clock(clock.clone());
    assert!(groups.groups(GroupQuestion::about(Some(&user("alice")))).now().is_none());
    for _ in 0..3 {
        assert!(is_version(version(&groups, "alice").await, 0));
        assert!(version(&groups, "blocked").await.unwrap().is_none());
    }
    assert_eq!(table.looked_up(), 2);
    table.version.store(1, Ordering::SeqCst);
    clock.advance(Duration::from_secs(2));
    assert!(is_version(groups.groups(GroupQuestion::about(Some(&user("alice")))).now().unwrap(), 0));
    assert!(groups.groups(GroupQuestion::about(Some(&user("blocked")))).now().unwrap().unwrap().is_none());
    clock.advance(Duration::from_secs(1));
    assert!(
        groups.groups(GroupQuestion::about(Some(&user("blocked")))).now().is_none(),
        "a no is kept for a shorter time"
    );
    clock.advance(Duration::from_secs(26));
    assert!(is_version(groups.groups(GroupQuestion::about(Some(&user("alice")))).now().unwrap(), 0));
    clock.advance(Duration::from_secs(1));
    assert!(groups.groups(GroupQuestion::about(Some(&user("alice")))).now().is_none());
    assert!(is_version(version(&groups, "alice").await, 1));
    assert_eq!(table.looked_up(), 1);
    // Those without a user have groups, too.
    assert!(matches!(groups.groups(GroupQuestion::about(None)), Answer::Later(_)));
    assert!(groups.groups(GroupQuestion::about(None)).now().is_none());
}

#[tokio::test]
async fn those_who_ask_at_the_same_time_wait_for_one_look_up() {
    let table = Table::closed();
    let groups = CachedGroups::new(table.clone());
    let asked: Vec<_> = (0..100)
        .map(|_| {
            let groups = groups.clone();
            tokio::spawn(async move { version(&groups, "alice").await })
        })
        .collect();
    while table.looked_up.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    table.gate.add_permits(1);
    for one in asked {
        assert!(is_version(one.await.unwrap(), 0));
    }
    assert_eq!(table.looked_up(), 1);
}

/// A source that counts how often it is asked, before it answers later.
#[derive(Clone)]
struct Counted {
    asked: Arc<AtomicU32>,
    gate: Arc<Semaphore>,
}

impl GroupSource for Counted {
    fn groups<'a>(&'a self, _: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Answer::later(async {
            self.gate.acquire().await?.forget();
            Ok(Some(Groups::none()))
        })
    }
}

// What a source does before it returns its answer is part of the look-up, too.
#[tokio::test]
async fn a_source_is_not_even_asked_while_another_request_waits_for_it() {
    let source = Counted { asked: Arc::default(), gate: Arc::new(Semaphore::new(0)) };
    let groups = CachedGroups::new(source.clone());
    let asked: Vec<_> = (0..20)
        .map(|_| {
            let groups = groups.clone();
            tokio::spawn(
                async move { groups.groups(GroupQuestion::about(Some(&user("alice")))).await.unwrap() },
            )
        })
        .collect();
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    source.gate.add_permits(1);
    for one in asked {
        assert!(one.await.unwrap().is_some());
    }
    assert_eq!(source.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_error_reaches_all_waiting_requests_and_is_not_cached() {
    let table = Table::open();
    table.is_down.store(true, Ordering::SeqCst);
    let groups = CachedGroups::new(table.clone());
    for _ in 0..2 {
        assert_eq!(version(&groups, "alice").await.unwrap_err().to_string(), "the table is locked");
    }
    assert_eq!(table.looked_up(), 2);
    table.is_down.store(false, Ordering::SeqCst);
    assert!(is_version(version(&groups, "alice").await, 0));
}

#[tokio::test]
async fn a_look_up_that_its_first_asker_gives_up_is_done_for_the_second() {
    let table = Table::closed();
    let groups = CachedGroups::new(table.clone());
    let first = tokio::spawn({
        let groups = groups.clone();
        async move { version(&groups, "alice").await }
    });
    while table.looked_up.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let second = tokio::spawn(async move { version(&groups, "alice").await });
    tokio::task::yield_now().await;
    first.abort();
    table.gate.add_permits(1);
    assert!(is_version(second.await.unwrap(), 0));
}

#[tokio::test]
async fn what_is_to_be_forgotten_is_looked_up_again() {
    let table = Table::open();
    let groups = CachedGroups::new(table.clone());
    version(&groups, "alice").await.unwrap();
    table.version.store(1, Ordering::SeqCst);
    assert!(is_version(version(&groups, "alice").await, 0), "nobody has said so yet");
    groups.invalidate(&user("alice")).await.unwrap();
    assert!(groups.groups(GroupQuestion::about(Some(&user("alice")))).now().is_none());
    assert!(is_version(version(&groups, "alice").await, 1));
    table.version.store(2, Ordering::SeqCst);
    groups.clone().invalidate_all().await.unwrap();
    assert!(is_version(version(&groups, "alice").await, 2), "a clone is the same cache");
}

// A look-up that began before the change must not bring the old answer back.
#[tokio::test]
async fn an_answer_that_was_overtaken_by_an_order_to_forget_is_not_kept() {
    let table = Table::closed();
    let groups = CachedGroups::new(table.clone());
    let asked = tokio::spawn({
        let groups = groups.clone();
        async move { version(&groups, "alice").await }
    });
    while table.looked_up.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    table.version.store(1, Ordering::SeqCst);
    groups.invalidate(&user("alice")).await.unwrap();
    table.gate.add_permits(2);
    assert!(is_version(asked.await.unwrap(), 1), "nor is it given to those who waited");
    assert!(is_version(groups.groups(GroupQuestion::about(Some(&user("alice")))).now().unwrap(), 1));
}

#[tokio::test]
async fn a_small_cache_stays_small_and_right() {
    let table = Table::open();
    let groups = CachedGroups::new(table.clone()).with_capacity(10);
    for at in 0..2_000 {
        assert!(is_version(version(&groups, &format!("user {at}")).await, 0));
    }
    let kept = (0..2_000)
        .filter(|at| groups.groups(GroupQuestion::about(Some(&user(&format!("user {at}"))))).now().is_some())
        .count();
    assert!(kept <= 600, "{kept} of 10, and those whose turn to be dropped has not come");
}

const PAGES: Acl = acl![(Allow, Group("version 0"), ["edit"])];

#[acl_required("edit", PAGES)]
async fn edit() {}

#[auth_required]
async fn known(version: CurrentUser<u32>) -> String {
    version.to_string()
}

async fn status(app: &Router, path: &str, name: &str) -> u16 {
    support::ask(app, Request::get(path).header(USER_HEADER, name)).await.status.as_u16()
}

#[tokio::test]
async fn guards_ask_the_cache() {
    let table = Table::open();
    let groups = CachedGroups::new(table.clone());
    let layer = AuthLayer::new(FakeIdentity::by_header()).with_groups(groups.clone());
    let app = Router::new().route("/edit", get(edit)).layer(layer);
    for _ in 0..5 {
        assert_eq!(status(&app, "/edit", "alice").await, 200);
        assert_eq!(status(&app, "/edit", "blocked").await, 403);
    }
    assert_eq!(table.looked_up(), 2);
    table.version.store(1, Ordering::SeqCst);
    groups.invalidate(&user("alice")).await.unwrap();
    assert_eq!(status(&app, "/edit", "alice").await, 403);
    assert!(!groups.never_blocks() && CachedGroups::new(never_blocks(table)).never_blocks());
}

#[tokio::test]
async fn users_are_kept_like_groups() {
    let (table, clock) = (Table::open(), FrozenClock::at(1_000));
    let users = CachedUsers::new(table.clone()).with_clock(clock.clone());
    let layer = AuthLayer::new(FakeIdentity::by_header()).with_users(users.clone());
    let app = Router::new().route("/known", get(known)).layer(layer);
    for _ in 0..5 {
        assert_eq!(status(&app, "/known", "alice").await, 200);
        assert_eq!(status(&app, "/known", "blocked").await, 401);
    }
    assert_eq!(table.looked_up(), 2);
    clock.advance(Duration::from_secs(5));
    assert_eq!((status(&app, "/known", "alice").await, status(&app, "/known", "blocked").await), (200, 401));
    assert_eq!(table.looked_up(), 1, "a missing user is cached for 5 seconds");
    table.version.store(13, Ordering::SeqCst);
    assert_eq!(status(&app, "/known", "alice").await, 200);
    users.invalidate(&user("alice")).await.unwrap();
    assert_eq!(status(&app, "/known", "alice").await, 403, "disabled");
    table.version.store(14, Ordering::SeqCst);
    users.invalidate_all().await.unwrap();
    assert_eq!(status(&app, "/known", "alice").await, 200);
    assert!(CachedUsers::new(Users::new(table).on_demand()).is_on_demand());
}

type Listener = Arc<dyn Fn(&Invalidate) -> bool + Send + Sync>;

/// A push between instances of one process.
#[derive(Clone, Default)]
struct Bus {
    listeners: Arc<Mutex<Vec<Listener>>>,
    is_down: Arc<AtomicBool>,
}

#[async_trait]
impl Push for Bus {
    fn listen(&self, listener: Listener) {
        self.listeners.lock().unwrap().push(listener);
    }

    async fn push(&self, what: Invalidate) -> Result<(), BoxError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err("the bus is down".into());
        }
        self.listeners.lock().unwrap().retain(|listener| listener(&what));
        Ok(())
    }
}

#[tokio::test]
async fn one_instance_tells_the_others_what_to_forget() {
    let (table, bus) = (Table::open(), Bus::default());
    let instance = || CachedGroups::new(table.clone()).with_push(bus.clone());
    let (here, there) = (instance(), instance());
    for name in ["alice", "bob"] {
        version(&here, name).await.unwrap();
        version(&there, name).await.unwrap();
    }
    table.version.store(1, Ordering::SeqCst);
    here.invalidate(&user("alice")).await.unwrap();
    assert!(is_version(version(&here, "alice").await, 1) && is_version(version(&there, "alice").await, 1));
    here.invalidate_all().await.unwrap();
    assert!(is_version(version(&there, "bob").await, 1));
    version(&there, "alice").await.unwrap();
    // A failed look-up does not justify the use of an old entry.
    table.version.store(2, Ordering::SeqCst);
    bus.is_down.store(true, Ordering::SeqCst);
    assert!(here.invalidate(&user("alice")).await.is_err());
    assert!(is_version(version(&here, "alice").await, 2) && is_version(version(&there, "alice").await, 1));
    bus.is_down.store(false, Ordering::SeqCst);
    // A dropped cache is not notified.
    drop(there);
    here.invalidate_all().await.unwrap();
    assert_eq!(bus.listeners.lock().unwrap().len(), 1);
}
