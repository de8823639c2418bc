//! Where the rules of overlays are read: files and stores, on several instances, and what happens if they
//! cannot be read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    fs, io,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    Acl, AuthLayer, BoxError, Groups, Permission, acl, acl_required, async_trait,
    authorization::now,
    clock::{Clock, UnixTime},
    overlay::{
        MemoryOverlay, Overlay, OverlayErrorKind, OverlayFile, OverlaySettings, OverlaySource, OverlayStore,
        PostgresOverlay, RedisOverlay, SqliteOverlay,
    },
    redis_config,
    testing::{FakeIdentity, FrozenClock},
};
use axum::{Router, http::Request, routing::get};
use fred::{clients::Client, interfaces::ClientLike as _};
use metrics::with_local_recorder;
use sqlx::{PgPool, SqlitePool, sqlite::SqlitePoolOptions};

use crate::{
    postgres_server::PostgresServer,
    redis_server::RedisServer,
    support::{Log, ask},
    test_metrics::Numbers,
};

const NOON: u64 = 1_800_000_000; // 2027-01-15
const ARTICLES: Acl = acl![
    overlay = "articles",
    (Allow, Everyone, ["view", "comment"]),
    (Allow, Group("editors"), ["edit", 7]),
];
const NEWS: Acl = acl![overlay = widening("news"), (Allow, Group("editors"), ["publish"])];
const NONE: &str = r#"{"rules": []}"#;

#[acl_required("edit", ARTICLES)]
async fn edit() {}

fn settings() -> OverlaySettings {
    OverlaySettings::new([ARTICLES, NEWS]).with_clock(FrozenClock::at(NOON))
}

/// A document with one rule; `more` is put behind its other members.
fn rule(id: &str, more: &str) -> String {
    format!(
        r#"{{"rules": [{{"list": "articles", "id": "{id}", "action": "deny", "principal": "everyone", "permissions": ["edit"]{more}}}]}}"#
    )
}

/// One instance of an application, whose user is an editor.
fn instance(overlay: &Overlay) -> Router {
    let layer = AuthLayer::new(FakeIdentity::user("edna"))
        .with_groups(now(|_| Ok(Some(Groups::from(["editors"])))))
        .with_overlay(overlay.clone());
    Router::new().route("/edit", get(edit)).layer(layer)
}

async fn status(app: &Router) -> u16 {
    ask(app, Request::get("/edit")).await.status.as_u16()
}

fn ids(overlay: &Overlay) -> Vec<String> {
    overlay.rules().rules().iter().map(|rule| rule.id().to_owned()).collect()
}

/// Writes a file as an operator should: beside it, and then in its place.
fn replace(file: &Path, document: &str) {
    let beside = file.with_extension("new");
    fs::write(&beside, document).unwrap();
    fs::rename(beside, file).unwrap();
}

/// Opens the same store twice, as two instances do, changes it by one of them and looks at both.
async fn two_instances_agree(one: impl OverlayStore + Clone, other: impl OverlayStore) {
    assert_eq!(one.load().await.unwrap(), None);
    let error = settings().open(one.clone()).await.unwrap_err();
    assert_eq!(error.kind(), OverlayErrorKind::Absent);
    one.replace(NONE).await.unwrap();
    let first = settings().open(one.clone()).await.unwrap();
    let second = settings().open(other).await.unwrap();
    let apps = [instance(&first), instance(&second)];
    for app in &apps {
        assert_eq!(status(app).await, 200);
    }
    one.replace(&rule("freeze", "")).await.unwrap();
    for (overlay, app) in [&first, &second].into_iter().zip(&apps) {
        overlay.refresh().await.unwrap();
        assert_eq!(status(app).await, 403);
        assert_eq!(ids(overlay), ["freeze"]);
    }
    one.replace(NONE).await.unwrap();
    for (overlay, app) in [&first, &second].into_iter().zip(&apps) {
        overlay.refresh().await.unwrap();
        assert_eq!(status(app).await, 200);
    }
}

#[tokio::test]
async fn instances_that_share_a_store_in_memory_agree() {
    let store = MemoryOverlay::new();
    two_instances_agree(store.clone(), store).await;
}

async fn redis(server: &RedisServer) -> RedisOverlay {
    let client = Client::new(redis_config(&server.address()).unwrap(), None, None, None);
    client.init().await.unwrap();
    RedisOverlay::new(client)
}

#[tokio::test]
async fn instances_that_share_a_redis_server_agree_and_keep_the_rules_while_it_is_down() {
    let Some(mut server) = RedisServer::start() else { return };
    two_instances_agree(redis(&server).await, redis(&server).await).await;
    // Another key is another document.
    assert_eq!(redis(&server).await.with_key("auth:other").load().await.unwrap(), None);

    let store = redis(&server).await;
    store.replace(&rule("freeze", "")).await.unwrap();
    let overlay = settings().open(store).await.unwrap();
    let app = instance(&overlay);
    server.kill();
    assert_eq!(overlay.refresh().await.unwrap_err().kind(), OverlayErrorKind::Unavailable);
    assert_eq!((status(&app).await, ids(&overlay)), (403, vec!["freeze".to_owned()]));
}

#[tokio::test]
async fn instances_that_share_sqlite_agree() {
    // Each connection in memory would be a database of its own.
    let pool: SqlitePool =
        SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let store = SqliteOverlay::new(pool.clone());
    for _ in 0..2 {
        store.create_table().await.unwrap();
    }
    two_instances_agree(store.clone(), SqliteOverlay::new(pool)).await;
    assert_eq!(store.with_name("other").load().await.unwrap(), None);
}

#[tokio::test]
async fn instances_that_share_postgresql_agree() {
    let Some(server) = PostgresServer::start() else { return };
    let pool = PgPool::connect(&server.address()).await.unwrap();
    let store = PostgresOverlay::new(pool.clone());
    for _ in 0..2 {
        store.create_table().await.unwrap();
    }
    two_instances_agree(store.clone(), PostgresOverlay::new(pool)).await;
    assert_eq!(store.with_name("other").load().await.unwrap(), None);
}

// Requests run on other threads all the time: each is decided by the old or the new document, and after the
// change has been read only by the new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_file_is_replaced_while_requests_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("overlay.json");
    fs::write(&file, NONE).unwrap();
    let overlay = settings().open(OverlayFile::new(&file)).await.unwrap();
    let (app, is_over) = (instance(&overlay), Arc::new(AtomicBool::new(false)));
    let asked = Arc::new(AtomicUsize::new(0));
    let running: Vec<_> = (0..2)
        .map(|_| {
            let (app, is_over, asked) = (app.clone(), Arc::clone(&is_over), Arc::clone(&asked));
            tokio::spawn(async move {
                while !is_over.load(Ordering::SeqCst) {
                    assert!([200, 403].contains(&status(&app).await));
                    asked.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for round in 0..40 {
        let before = asked.load(Ordering::SeqCst);
        let (document, expected) =
            if round % 2 == 0 { (rule("freeze", ""), 403) } else { (NONE.to_owned(), 200) };
        replace(&file, &document);
        overlay.refresh().await.unwrap();
        assert_eq!(status(&app).await, expected);
        while asked.load(Ordering::SeqCst) == before {
            tokio::task::yield_now().await;
        }
    }
    is_over.store(true, Ordering::SeqCst);
    for task in running {
        task.await.unwrap();
    }
}

// A part of a document is not a document: the rules are those of the whole one or of the one before.
#[tokio::test]
async fn a_file_that_is_read_while_it_is_written_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("overlay.json");
    fs::write(&file, rule("freeze", "")).unwrap();
    let overlay = settings().open(OverlayFile::new(&file)).await.unwrap();
    let next = rule("other", r#", "note": "a longer document""#);
    for length in 0..next.len() {
        fs::write(&file, &next[..length]).unwrap();
        assert_eq!(overlay.refresh().await.unwrap_err().kind(), OverlayErrorKind::Invalid, "{length}");
        assert_eq!(ids(&overlay), ["freeze"], "{length}");
    }
    fs::write(&file, &next).unwrap();
    overlay.refresh().await.unwrap();
    assert_eq!(ids(&overlay), ["other"]);
    // A lost file lifts no denial; a folder in its place does not either.
    fs::remove_file(&file).unwrap();
    assert_eq!(overlay.refresh().await.unwrap_err().kind(), OverlayErrorKind::Absent);
    fs::create_dir(&file).unwrap();
    assert_eq!(overlay.refresh().await.unwrap_err().kind(), OverlayErrorKind::Unavailable);
    assert_eq!(ids(&overlay), ["other"]);
    fs::remove_dir(&file).unwrap();
    fs::write(&file, [b"\xff".as_slice(), NONE.as_bytes()].concat()).unwrap();
    assert_eq!(overlay.refresh().await.unwrap_err().kind(), OverlayErrorKind::Unavailable);
    fs::write(&file, format!("{NONE}{}", " ".repeat(256 * 1024))).unwrap();
    assert_eq!(overlay.refresh().await.unwrap_err().kind(), OverlayErrorKind::Invalid);
    assert_eq!(ids(&overlay), ["other"]);
}

#[tokio::test]
async fn mistakes_in_a_document_are_explained_and_change_nothing() {
    let store = MemoryOverlay::new();
    store.replace(&rule("freeze", "")).await.unwrap();
    let overlay = settings().with_groups(["interns"]).open(store.clone()).await.unwrap();
    let with = |from: &str, to: &str| rule("x", "").replace(from, to);
    let (edit, everyone) = (r#"["edit"]"#, r#""everyone""#);
    let id = "rule 1 of the overlay (`x`): ";
    let cases = [
        (with(edit, r#"["edt"]"#), format!("{id}no rule of `articles` mentions the permission `edt`; did you mean `edit`?")),
        (
            with(edit, "[8]"),
            format!("{id}no rule of `articles` mentions the permission `8`; known: `7`, `comment`, `edit`, `view`"),
        ),
        (
            with(edit, r#"["7"]"#),
            format!("{id}no rule of `articles` mentions the permission `7`; known: `7`, `comment`, `edit`, `view`"),
        ),
        (with("articles", "article"), format!("{id}no list declares the overlay `article`; did you mean `articles`?")),
        (with("articles", "invoices"), format!("{id}no list declares the overlay `invoices`; known: `articles`, `news`")),
        (
            with(everyone, r#"{"group": "editor"}"#),
            format!("{id}no rule of `articles` names the group `editor`; did you mean `editors`?"),
        ),
        (
            with(everyone, r#"{"group": "intern"}"#),
            format!("{id}no rule of `articles` names the group `intern`; did you mean `interns`?"),
        ),
        (
            with("deny", "allow"),
            format!(
                "{id}the overlay `articles` may not widen its list; write `\"deny\"`, or declare `overlay = \
                 widening(\"articles\")` in the list"
            ),
        ),
        (with(edit, "[]"), format!("{id}the list of permissions is empty; name some, or write `\"all\"`")),
        (
            with("\"x\"", "\"a b\""),
            "rule 1 of the overlay (`a b`): this is not an id; write ASCII letters, digits and `-`, `_`, `.`, `:`, `/` or \
             `#`, at most 64"
                .to_owned(),
        ),
        (rule("x", r#", "until": "2027-02-29""#), format!("{id}`until`: a day is written as `2027-01-31`")),
        (rule("x", r#", "owner": " ""#), format!("{id}`owner` is empty; leave it out, or write some text")),
    ];
    for (document, expected) in cases {
        let checked = overlay.check(&document).unwrap_err().to_string();
        assert_eq!(checked, expected);
        store.replace(&document).await.unwrap();
        let error = overlay.refresh().await.unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (OverlayErrorKind::Invalid, expected));
        assert_eq!(ids(&overlay), ["freeze"]);
    }
    let twice = r#"{"rules": [
        {"list": "news", "id": "x", "action": "deny", "principal": "everyone", "permissions": "all"},
        {"list": "articles", "id": "x", "action": "deny", "principal": "everyone", "permissions": "all"}
    ]}"#;
    // The parser of JSON says these.
    let syntax = [
        "",
        "null",
        "[]",
        "{}",
        r#"{"rules": [], "rules": []}"#,
        r#"{"rules": [], "rulez": []}"#,
        r#"{"rules": []} x"#,
        &rule("x", r#", "permision": "all""#),
        &rule("x", r#", "id": "y""#),
        &with("deny", "refuse"),
        &with(everyone, r#"{"group": "editors", "user": "edna"}"#),
        &with(everyone, r#""nobody else""#),
        &with(edit, r#""edit""#),
        &with(edit, "[1.5]"),
        &with(everyone, r#"{"user": ""}"#),
        twice,
    ];
    for document in syntax {
        let error = overlay.check(document).unwrap_err();
        assert_eq!(error.kind(), OverlayErrorKind::Invalid, "{document}");
    }
    assert!(
        overlay
            .check(twice)
            .unwrap_err()
            .to_string()
            .contains("rule 2 of the overlay (`x`): an earlier rule")
    );
    let many: Vec<String> = (0..1_001)
        .map(|at| {
            format!(r#"{{"list":"articles","id":"r{at}","action":"deny","principal":"everyone","permissions":"all"}}"#)
        })
        .collect();
    let document = |rules: &[String]| format!(r#"{{"rules": [{}]}}"#, rules.join(","));
    assert!(overlay.check(&document(&many)).unwrap_err().to_string().contains("more than 1000 rules"));
    assert_eq!(overlay.check(&document(&many[1..])).unwrap().rules().len(), 1_000);
    assert_eq!(ids(&overlay), ["freeze"]);
}

#[derive(Clone, Copy, Permission)]
enum Can {
    Archive,
}

#[tokio::test]
async fn names_are_those_of_the_lists_and_of_declared_vocabularies() {
    let store = MemoryOverlay::new();
    store.replace(NONE).await.unwrap();
    let overlay = settings().with_permissions::<Can>().with_groups(["interns"]).open(store).await.unwrap();
    let document = r#"{"rules": [
        {"list": "news", "id": "a", "action": "allow", "principal": {"user": "gina"}, "permissions": ["publish"]},
        {"list": "articles", "id": "b", "action": "deny", "principal": {"group": "interns"}, "permissions": ["archive", 7],
         "note": "Note.", "owner": "desk", "until": "2027-01-31"},
        {"list": "articles", "id": "c", "action": "deny", "principal": "authenticated", "permissions": "all"}
    ]}"#;
    let rules = overlay.check(document).unwrap();
    let texts: Vec<String> = rules.rules().iter().map(|rule| format!("{} {rule}", rule.id())).collect();
    assert_eq!(
        texts,
        [
            "b (Deny, Group(\"interns\"), [\"archive\", \"7\"])",
            "c (Deny, Authenticated, ALL)",
            "a (Allow, User(\"gina\"), [\"publish\"])"
        ]
    );
    let [b, ..] = rules.rules() else { unreachable!() };
    assert_eq!((b.note(), b.owner(), b.until()), (Some("Note."), Some("desk"), Some("2027-01-31")));
    assert!(overlay.rules().is_empty(), "a check puts nothing in force");
    assert!(Can::Archive.name() == auth_runtime::Name::Text("archive"));
}

#[tokio::test]
async fn lists_have_to_declare_their_overlays_alike() {
    const PLAIN: Acl = acl![(Allow, Everyone, ["view"])];
    const OTHER: Acl = acl![overlay = widening("articles"), (Allow, Everyone, ["print"])];
    let store = MemoryOverlay::new();
    store.replace(NONE).await.unwrap();
    for (lists, part) in
        [([ARTICLES, PLAIN], "declares no overlay"), ([ARTICLES, OTHER], "write the same in both")]
    {
        let error = OverlaySettings::new(lists).open(store.clone()).await.unwrap_err();
        assert_eq!(error.kind(), OverlayErrorKind::Declaration);
        assert!(error.to_string().contains(part), "{error}");
    }
    let overlay = settings().open(store).await.unwrap();
    assert!(overlay.covers(&ARTICLES) && overlay.covers(&PLAIN) && !overlay.covers(&OTHER));
    let declared: Vec<_> = overlay.declared().iter().map(|list| (list.name(), list.may_widen())).collect();
    assert_eq!(declared, [("articles", false), ("news", true)]);
}

/// A source that is down, or answers with the text of a store.
#[derive(Clone)]
struct Flaky {
    is_down: Arc<AtomicBool>,
    store: MemoryOverlay,
}

#[async_trait]
impl OverlaySource for Flaky {
    async fn load(&self) -> Result<Option<String>, BoxError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(io::Error::other("no route to host").into());
        }
        self.store.load().await
    }
}

#[tokio::test(start_paused = true)]
async fn an_application_without_a_source_does_not_start_unless_it_says_so() {
    let source = Flaky { is_down: Arc::new(AtomicBool::new(true)), store: MemoryOverlay::new() };
    let error = settings().open(source.clone()).await.unwrap_err();
    assert_eq!(error.kind(), OverlayErrorKind::Unavailable);

    let overlay = settings().start_without_source().open(source.clone()).await.unwrap();
    let app = instance(&overlay);
    assert_eq!(status(&app).await, 200, "the constant list alone");
    // When the source is there, the task reads it.
    source.store.replace(&rule("freeze", "")).await.unwrap();
    source.is_down.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(status(&app).await, 403);
}

#[tokio::test(start_paused = true)]
async fn the_task_reads_the_source_at_each_interval_until_the_last_handle_is_dropped() {
    let store = MemoryOverlay::new();
    store.replace(NONE).await.unwrap();
    let overlay = settings().with_interval(Duration::from_secs(20)).open(store.clone()).await.unwrap();
    let changes = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&changes);
    overlay.listen(Arc::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        true
    }));
    store.replace(&rule("freeze", "")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(19)).await;
    assert!(ids(&overlay).is_empty());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(ids(&overlay), ["freeze"]);
    tokio::time::sleep(Duration::from_mins(5)).await;
    assert_eq!(changes.load(Ordering::SeqCst), 1, "a document that is the same changes nothing");
    let clone = overlay.clone();
    drop(overlay);
    store.replace(NONE).await.unwrap();
    tokio::time::sleep(Duration::from_secs(21)).await;
    assert_eq!(changes.load(Ordering::SeqCst), 2);
    drop(clone);
    store.replace(&rule("freeze", "")).await.unwrap();
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(changes.load(Ordering::SeqCst), 2);
}

/// A clock that a test sets.
#[derive(Clone)]
struct Calendar(Arc<Mutex<u64>>);

impl Clock for Calendar {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(*self.0.lock().unwrap())
    }
}

#[tokio::test]
async fn a_grant_ends_after_its_last_day_and_a_denial_does_not() {
    let clock = Calendar(Arc::new(Mutex::new(NOON)));
    let store = MemoryOverlay::new();
    let document = r#"{"rules": [
        {"list": "news", "id": "grant", "action": "allow", "principal": {"user": "gina"}, "permissions": "all",
         "until": "2027-01-15"},
        {"list": "news", "id": "denial", "action": "deny", "principal": "everyone", "permissions": "all",
         "until": "2027-01-14"}
    ]}"#;
    store.replace(document).await.unwrap();
    let source = Flaky { is_down: Arc::default(), store };
    let (overlay, told) = Log::of(settings().with_clock(clock.clone()).open(source.clone())).await;
    let overlay = overlay.unwrap();
    assert_eq!(ids(&overlay), ["grant", "denial"]);
    let expired: Vec<_> = told.iter().filter(|event| event.message == "overlay rule expired").collect();
    assert_eq!(expired.iter().map(|event| event.field("rule_id")).collect::<Vec<_>>(), ["denial"]);
    // Also while the source is down.
    source.is_down.store(true, Ordering::SeqCst);
    *clock.0.lock().unwrap() = NOON + 24 * 60 * 60;
    overlay.refresh().await.unwrap_err();
    assert_eq!(ids(&overlay), ["denial"]);
}

#[tokio::test]
async fn changes_and_failures_are_logged_and_visible_in_metrics() {
    let source = Flaky { is_down: Arc::default(), store: MemoryOverlay::new() };
    let labelled = rule("freeze", r#", "owner": "on\ncall", "until": "2027-01-31""#);
    source.store.replace(&labelled).await.unwrap();
    let ((), told) = Log::of(async {
        let overlay = settings().open(source.clone()).await.unwrap();
        source.store.replace(&rule("other", "")).await.unwrap();
        overlay.refresh().await.unwrap();
        source.is_down.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            overlay.refresh().await.unwrap_err();
        }
        source.is_down.store(false, Ordering::SeqCst);
        source.store.replace("{").await.unwrap();
        overlay.refresh().await.unwrap_err();
    })
    .await;
    let lines: Vec<String> = told
        .iter()
        .map(|event| {
            format!("{} {} {}{}", event.level, event.message, event.field("list"), event.field("rule_id"))
        })
        .collect();
    assert_eq!(
        lines,
        [
            "INFO overlay declared articles",
            "WARN overlay declared news",
            "INFO overlay rule added articlesfreeze",
            "INFO overlay rule removed articlesfreeze",
            "INFO overlay rule added articlesother",
            "ERROR failed ",
            "ERROR failed ",
        ],
        "{told:?}"
    );
    assert!(told.iter().all(|event| event.target == "auth"));
    assert_eq!(told[2].field("owner"), r"on\u{a}call");
    assert_eq!(told[2].field("rule"), r#"(Deny, Everyone, ["edit"])"#);
    assert_eq!((told[5].field("operation"), told[5].field("source")), ("overlay", "no route to host"));
}

#[test]
fn metrics_show_the_number_of_rules_and_whether_they_are_those_of_an_earlier_read() {
    let numbers = Numbers::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let gauges = || {
        let all = numbers.all();
        let gauge = |name: &str| {
            all.iter().find(|(key, _)| key == name).map(|(_, bits)| f64::from_bits(*bits).to_string())
        };
        ["auth_overlay_rules", "auth_overlay_failing"].map(|name| gauge(name).unwrap_or_default())
    };
    let source = Flaky { is_down: Arc::default(), store: MemoryOverlay::new() };
    with_local_recorder(&numbers, || {
        runtime.block_on(async {
            source.store.replace(&rule("freeze", "")).await.unwrap();
            let overlay = settings().open(source.clone()).await.unwrap();
            assert_eq!(gauges(), ["1", "0"]);
            source.is_down.store(true, Ordering::SeqCst);
            overlay.refresh().await.unwrap_err();
            assert_eq!(gauges(), ["1", "1"]);
            source.is_down.store(false, Ordering::SeqCst);
            source.store.replace(NONE).await.unwrap();
            overlay.refresh().await.unwrap();
            assert_eq!(gauges(), ["0", "0"]);
        });
    });
}

// A file system that does not answer: a pipe without a writer. The rules before stay in force, and no more than one thread
// waits for it.
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_read_to_its_end_takes_one_thread() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("overlay.json");
    fs::write(&file, rule("freeze", "")).unwrap();
    let overlay = settings().open(OverlayFile::new(&file)).await.unwrap();
    fs::remove_file(&file).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    let stuck = tokio::spawn({
        let overlay = overlay.clone();
        async move { overlay.refresh().await.map_err(|error| error.kind()) }
    });
    // Paused time goes on when all tasks wait, but not while a blocking thread runs.
    while !stuck.is_finished() {
        tokio::time::advance(Duration::from_secs(11)).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(stuck.await.unwrap(), Err(OverlayErrorKind::Unavailable));
    let error = overlay.refresh().await.unwrap_err();
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(cause.as_deref(), Some("the last read of the file has not ended"));
    assert_eq!(ids(&overlay), ["freeze"]);
    // A writer lets the thread end.
    fs::write(&file, "").unwrap();
}
