//! The audit log: what is recorded, and that every change of the file is found.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[expect(dead_code, reason = "the example's `main` is not called")]
#[path = "../../examples/audit-verify/src/main.rs"]
mod audit_verify;

use std::{
    fs,
    path::{Path, PathBuf},
};

use auth_runtime::{
    Acl, AuthLayer, Key, KeyRing, acl, acl_required,
    audit::{AuditErrorKind, AuditHead, AuditLog, AuditRotation, verify, verify_file, verify_file_from},
    clock::{Clock, UnixTime},
    overlay::{MemoryOverlay, OverlaySettings, OverlayStore as _},
    testing::{FakeIdentity, FrozenClock, USER_HEADER},
};
use axum::{Router, body::Body, http::Request, routing::get};
use serde_json::Value;
use tempfile::TempDir;
use tracing::{Level, instrument::WithSubscriber as _};
use tracing_subscriber::{Layer as _, prelude::*};

use crate::support::{Log, send};

const NOON: u64 = 1_700_000_000;
/// The text of the key.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const ARTICLES: Acl = acl![(Allow, User("alice"), ["edit"])];

#[acl_required("edit", ARTICLES)]
async fn edit() {}

fn key() -> Key {
    Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap()
}

fn ring() -> KeyRing {
    KeyRing::new(key())
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("audit.jsonl")
    }

    fn open(&self) -> AuditLog {
        AuditLog::open_with(self.file(), ring(), FrozenClock::at(NOON)).unwrap()
    }

    fn rotating(&self, rotation: AuditRotation, clock: impl Clock) -> AuditLog {
        AuditLog::open_rotating(self.file(), ring(), rotation, clock).unwrap()
    }

    /// The rotated files, the oldest first.
    fn rotated(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.0.path()).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<PathBuf> = files.filter(|file| *file != self.file()).collect();
        files.sort();
        files
    }

    fn lines(&self) -> Vec<String> {
        fs::read_to_string(self.file()).unwrap().lines().map(str::to_owned).collect()
    }
}

/// Requests of these users, recorded.
async fn record(audit: &AuditLog, users: &[&str]) {
    let app = Router::new().route("/edit", get(edit)).layer(AuthLayer::new(FakeIdentity::by_header()));
    // Keeps events alive for all threads.
    Log::of(async {}).await;
    let requests = async {
        for user in users {
            let request = Request::get("/edit").header(USER_HEADER, *user).body(Body::empty());
            send(&app, request.unwrap()).await;
        }
    };
    requests.with_subscriber(tracing_subscriber::registry().with(audit.layer())).await;
}

/// A log of a dozen entries, closed.
async fn written(folder: &Folder) -> (Vec<String>, AuditHead) {
    let audit = folder.open();
    record(&audit, &["u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9"]).await;
    audit.close().unwrap();
    (folder.lines(), audit.head())
}

fn kind_of(lines: &[String], known: Option<AuditHead>) -> Result<(), (AuditErrorKind, Option<u64>)> {
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    verify(text.as_bytes(), ring(), known).map(drop).map_err(|error| (error.kind(), error.line()))
}

#[tokio::test]
async fn denied_requests_are_recorded_and_allowed_ones_if_wanted() {
    let folder = Folder::new();
    let audit = folder.open();
    let ((), events) = Log::of(async { record(&audit, &["alice", "mallory"]).await }).await;
    assert!(events.is_empty(), "the log goes to the subscriber that has its layer");
    audit.flush().unwrap();
    let with_allowed = audit.clone().with_level(Level::DEBUG);
    record(&with_allowed, &["alice"]).await;
    audit.close().unwrap();
    let entries: Vec<Value> = folder.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = entries.iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["audit opened", "deny", "allow", "audit closed"]);
    let deny = &entries[1];
    assert_eq!(
        (deny["seq"].as_u64(), deny["time"].as_u64(), deny["level"].as_str()),
        (Some(2), Some(NOON), Some("INFO"))
    );
    assert_eq!(deny["fields"]["user"], "mallory");
    assert_eq!((&deny["fields"]["permission"], &deny["fields"]["status"]), (&"edit".into(), &403.into()));
    let report = verify_file(folder.file(), ring(), Some(audit.head())).unwrap();
    assert_eq!((report.head().seq(), report.runs(), report.crashes(), report.is_closed()), (4, 1, 0, true));
    // What comes later is not recorded.
    record(&audit, &["mallory"]).await;
    assert_eq!(audit.flush().unwrap_err().kind(), AuditErrorKind::Closed);
    assert_eq!(folder.lines().len(), 4);
}

// A filter of the application's for other layers hides nothing from the log.
#[tokio::test]
async fn the_layer_has_a_filter_of_its_own() {
    let folder = Folder::new();
    let audit = folder.open();
    let quiet = tracing_subscriber::fmt::layer().with_filter(tracing_subscriber::filter::LevelFilter::OFF);
    let doing = async {
        tracing::info!(target: "another", "not of this crate");
        tracing::info!(target: "auth_login", "of a crate whose name begins alike");
        tracing::debug!(target: "auth", "of another level");
        tracing::info!(target: "auth", number = 7_u64, flag = true, text = "\"a\n\u{2028}b\"", "of this crate");
    };
    doing.with_subscriber(tracing_subscriber::registry().with(quiet).with(audit.layer())).await;
    audit.close().unwrap();
    let lines = folder.lines();
    assert_eq!(lines.len(), 3, "{lines:?}");
    let entry: Value = serde_json::from_str(&lines[1]).unwrap();
    assert_eq!(entry["event"], "of this crate");
    let fields = serde_json::json!({"flag": true, "number": 7, "text": "\"a\n\u{2028}b\""});
    assert_eq!(entry["fields"], fields, "each value as what it is, in one line");
}

#[tokio::test]
async fn every_change_of_a_byte_is_found_in_its_line() {
    let folder = Folder::new();
    let (lines, head) = written(&folder).await;
    assert_eq!(kind_of(&lines, Some(head)), Ok(()));
    let text = fs::read(folder.file()).unwrap();
    for at in 0..text.len() {
        let line = text[..at].split(|byte| *byte == b'\n').count();
        let flip = [1, 0x20, 0x80][at % 3];
        let mut changed = text.clone();
        changed[at] ^= flip;
        let error = verify(changed.as_slice(), ring(), None).unwrap_err();
        assert_eq!(error.line(), Some(line as u64), "byte {at} ^ {flip}: {error}");
    }
}

#[tokio::test]
async fn removed_repeated_and_reordered_entries_are_found() {
    let folder = Folder::new();
    let (lines, head) = written(&folder).await;
    assert_eq!(lines.len(), 12);
    for at in 0..lines.len() - 1 {
        let mut removed = lines.clone();
        removed.remove(at);
        assert_eq!(
            kind_of(&removed, None),
            Err((AuditErrorKind::Broken, Some(at as u64 + 1))),
            "without {at}"
        );
        let mut swapped = lines.clone();
        swapped.swap(at, at + 1);
        assert_eq!(
            kind_of(&swapped, None),
            Err((AuditErrorKind::Broken, Some(at as u64 + 1))),
            "swapped {at}"
        );
        let mut repeated = lines.clone();
        repeated.insert(at, lines[at].clone());
        assert_eq!(
            kind_of(&repeated, None),
            Err((AuditErrorKind::Broken, Some(at as u64 + 2))),
            "twice {at}"
        );
    }
    // An entry of another log of the same key.
    let other = Folder::new();
    let audit = other.open();
    record(&audit, &["u9", "u8"]).await;
    audit.close().unwrap();
    let mut mixed = lines.clone();
    mixed[2] = other.lines()[2].clone();
    assert_eq!(kind_of(&mixed, None), Err((AuditErrorKind::Broken, Some(3))));
    // With another key, and without a key.
    let text = lines.join("\n") + "\n";
    let error = verify(text.as_bytes(), KeyRing::random(), Some(head)).unwrap_err();
    assert_eq!((error.kind(), error.line()), (AuditErrorKind::Forged, Some(1)));
}

#[tokio::test]
async fn entries_that_are_cut_off_are_found_with_a_known_head() {
    let folder = Folder::new();
    let (lines, head) = written(&folder).await;
    for kept in 0..lines.len() {
        let cut = &lines[..kept];
        assert_eq!(kind_of(cut, Some(head)), Err((AuditErrorKind::Truncated, None)), "{kept}");
        let text: String = cut.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let report = verify(text.as_bytes(), ring(), None).unwrap();
        assert!(!report.is_closed(), "without a head the missing end is all that shows");
        // Within an entry.
        let half = format!("{text}{}", &lines[kept][..lines[kept].len() / 2]);
        let error = verify(half.as_bytes(), ring(), None).unwrap_err();
        assert_eq!((error.kind(), error.line()), (AuditErrorKind::Unfinished, Some(kept as u64 + 1)));
    }
    // The text of a head, as it is kept elsewhere.
    assert_eq!(head.to_string().parse::<AuditHead>().unwrap(), head);
    for text in ["", "12", "12:", "x:00", &head.to_string().to_uppercase(), &format!("{head}0")] {
        assert!(text.parse::<AuditHead>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_log_goes_on_after_a_restart_and_shows_crashes() {
    let folder = Folder::new();
    written(&folder).await;
    // A crash: the program ends without closing.
    let before = {
        let audit = folder.open();
        record(&audit, &["bob"]).await;
        audit.flush().unwrap();
        fs::read(folder.file()).unwrap()
    };
    fs::write(folder.file(), before).unwrap();
    let audit = folder.open();
    let report = verify_file(folder.file(), ring(), None).unwrap();
    assert_eq!((report.runs(), report.crashes(), report.is_closed()), (3, 1, false));
    assert_eq!(report.head(), audit.head());
    drop(audit);
    assert!(verify_file(folder.file(), ring(), None).unwrap().is_closed());
}

#[tokio::test]
async fn a_changed_log_is_not_continued_and_one_file_has_one_writer() {
    let folder = Folder::new();
    written(&folder).await;
    let text = fs::read_to_string(folder.file()).unwrap();
    fs::write(folder.file(), text.replace("\"u4\"", "\"u5\"")).unwrap();
    let error = AuditLog::open(folder.file(), ring()).unwrap_err();
    assert_eq!((error.kind(), error.line()), (AuditErrorKind::Forged, Some(6)));
    assert_eq!(error.to_string(), "line 6: the entry was changed, or was signed with another key");

    fs::write(folder.file(), text).unwrap();
    let audit = folder.open();
    assert_eq!(AuditLog::open(folder.file(), ring()).unwrap_err().kind(), AuditErrorKind::InUse);
    drop(audit);
    folder.open().close().unwrap();
    let nowhere = AuditLog::open(Path::new("/no/such/folder/audit.jsonl"), ring()).unwrap_err();
    assert_eq!(nowhere.kind(), AuditErrorKind::Io);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn only_its_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    folder.open().close().unwrap();
    assert_eq!(fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777, 0o600);
}

// Many threads at the same time: each event is one entry, and the chain holds.
#[test]
fn events_of_many_threads_are_one_chain() {
    let folder = Folder::new();
    let audit = folder.open();
    let subscriber = tracing_subscriber::registry().with(audit.layer());
    let dispatch = tracing::Dispatch::new(subscriber);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let dispatch = dispatch.clone();
            scope.spawn(move || {
                tracing::dispatcher::with_default(&dispatch, || {
                    for number in 0..1_000_u64 {
                        tracing::info!(target: "auth", number, "one of many");
                    }
                });
            });
        }
    });
    audit.close().unwrap();
    let report = verify_file(folder.file(), ring(), None).unwrap();
    assert_eq!((report.head().seq(), report.is_closed()), (4_002, true));
}

#[tokio::test]
async fn the_command_says_whether_a_log_is_whole() {
    let folder = Folder::new();
    let (lines, head) = written(&folder).await;
    let head = head.to_string();
    let file = folder.file();
    let run = |keys: &str, known: Option<&str>| {
        let told = audit_verify::run(file.to_str().unwrap(), keys, [known, None]);
        told.map_err(|error| error.to_string())
    };
    let text = run(KEY, Some(&head)).unwrap();
    assert_eq!(text, format!("12 entries of 1 run, all as they were written\nthe head is {head}"));
    // A key that was used before is given, too.
    let other = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA";
    assert_eq!(run(&format!("{other},{KEY}"), Some(&head)).unwrap(), text);
    assert!(run(other, None).unwrap_err().starts_with("line 1: "));
    assert!(run("", None).is_err() && run(KEY, Some("12")).is_err());
    fs::write(&file, lines[..11].join("\n") + "\n").unwrap();
    assert!(run(KEY, None).unwrap().contains("no `audit closed` at the end"));
    assert!(run(KEY, Some(&head)).unwrap_err().contains("cut off"));
    fs::write(&file, lines.join("\n").replace("\"u3\"", "\"u2\"") + "\n").unwrap();
    assert!(run(KEY, None).unwrap_err().starts_with("line 5: "));
}

/// A log in files of a few entries each, closed: the last entries of the rotated ones.
async fn rotated_log(folder: &Folder) -> AuditHead {
    let audit = folder.rotating(AuditRotation::new().with_size(1_000), FrozenClock::at(NOON));
    for user in ["u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9"] {
        record(&audit, &[user]).await;
        audit.flush().unwrap();
    }
    audit.close().unwrap();
    audit.head()
}

#[tokio::test]
async fn a_log_is_rotated_by_its_size_and_stays_one_chain() {
    let folder = Folder::new();
    let head = rotated_log(&folder).await;
    let files = folder.rotated();
    assert!(files.len() > 2, "{files:?}");
    let report = verify_file(folder.file(), ring(), Some(head)).unwrap();
    assert_eq!((report.files(), report.runs(), report.is_closed()), (files.len() as u64 + 1, 1, true));
    assert_eq!((report.start().seq(), report.head()), (0, head));
    // Its own entries, those of the file that begins, and one for each further file.
    assert_eq!(report.head().seq(), 12 + files.len() as u64);
    for (at, file) in files.iter().enumerate() {
        let text = fs::read_to_string(file).unwrap();
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        let name = format!("audit.jsonl.{:020}", last["seq"].as_u64().unwrap());
        assert_eq!(file.file_name().unwrap().to_str(), Some(name.as_str()));
        let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(first["event"] == "audit continued", at > 0);
    }
    let told =
        audit_verify::run(folder.file().to_str().unwrap(), KEY, [Some(&head.to_string()), None]).unwrap();
    let files = files.len() + 1;
    assert!(told.contains(&format!("of 1 run in {files} files, all as they were written")), "{told}");
    // A restart goes on, and a file of another name beside it is not one of the log.
    fs::write(folder.0.path().join("audit.jsonl.bak"), "not a log").unwrap();
    drop(folder.rotating(AuditRotation::new(), FrozenClock::at(NOON)));
    let report = verify_file(folder.file(), ring(), Some(head)).unwrap();
    assert_eq!((report.runs(), report.crashes(), report.is_closed()), (2, 0, true));
}

#[tokio::test]
async fn changes_of_rotated_files_are_found() {
    let folder = Folder::new();
    let head = rotated_log(&folder).await;
    let files = folder.rotated();
    let broken = |file: &Path, line| {
        let error = verify_file(folder.file(), ring(), Some(head)).unwrap_err();
        assert_eq!(
            (error.kind(), error.file(), error.line()),
            (AuditErrorKind::Broken, Some(file), Some(line))
        );
        assert!(error.to_string().starts_with(&file.display().to_string()));
    };
    let text = fs::read(&files[1]).unwrap();
    // A removed file, and the first one.
    fs::remove_file(&files[1]).unwrap();
    broken(&files[2], 1);
    fs::write(&files[1], &text).unwrap();
    let first = fs::read(&files[0]).unwrap();
    fs::remove_file(&files[0]).unwrap();
    broken(&files[1], 1);
    // Entries that were cut off at the end of a file.
    fs::write(&files[0], &first).unwrap();
    let end = text[..text.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    fs::write(&files[1], &text[..=end]).unwrap();
    broken(&files[2], 1);
    // A changed entry.
    let changed = String::from_utf8(text.clone()).unwrap().replace("\"u", "\"v");
    fs::write(&files[1], changed).unwrap();
    let error = verify_file(folder.file(), ring(), None).unwrap_err();
    assert_eq!((error.kind(), error.file()), (AuditErrorKind::Forged, Some(files[1].as_path())));
    // Files in another order.
    fs::write(&files[1], &first).unwrap();
    fs::write(&files[0], &text).unwrap();
    broken(&files[0], 1);
    // A changed file is not continued.
    fs::write(&files[0], &first).unwrap();
    fs::write(&files[1], &text).unwrap();
    assert!(verify_file(folder.file(), ring(), Some(head)).is_ok());
    let last = files.last().unwrap();
    fs::write(last, fs::read_to_string(last).unwrap().replace("\"u", "\"v")).unwrap();
    assert_eq!(AuditLog::open(folder.file(), ring()).unwrap_err().kind(), AuditErrorKind::Forged);
}

#[tokio::test]
async fn rotated_files_may_be_moved_elsewhere() {
    let folder = Folder::new();
    let head = rotated_log(&folder).await;
    let files = folder.rotated();
    let start = verify_file(&files[0], ring(), None).unwrap().head();
    fs::remove_file(&files[0]).unwrap();
    assert_eq!(verify_file(folder.file(), ring(), None).unwrap_err().kind(), AuditErrorKind::Broken);
    let report = verify_file_from(folder.file(), ring(), start, Some(head)).unwrap();
    assert_eq!((report.start(), report.head()), (start, head));
    assert!(verify_file_from(folder.file(), ring(), head, None).is_err());
    let heads = [Some("-"), Some(&*start.to_string())];
    let told = audit_verify::run(folder.file().to_str().unwrap(), KEY, heads).unwrap();
    assert!(told.contains(&format!("the entries before {} are in files", start.seq() + 1)), "{told}");
    // Without any rotated file the log goes on, too.
    let start = verify_file_from(files.last().unwrap(), ring(), start, None);
    assert!(start.is_err(), "it does not begin there");
    for file in &files[1..] {
        fs::remove_file(file).unwrap();
    }
    let audit = folder.open();
    assert_eq!(audit.head().seq(), head.seq() + 1);
}

// The program was killed after the file was renamed, and before another one was there.
#[tokio::test]
async fn a_log_goes_on_behind_its_last_rotated_file() {
    let folder = Folder::new();
    rotated_log(&folder).await;
    let last = folder.rotated().pop().unwrap();
    let text = fs::read_to_string(&last).unwrap();
    let seq = serde_json::from_str::<Value>(text.lines().last().unwrap()).unwrap()["seq"].as_u64().unwrap();
    fs::remove_file(folder.file()).unwrap();
    drop(folder.open());
    let names: Vec<Value> = folder.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&names[0]["event"], &names[0]["seq"]), (&"audit continued".into(), &(seq + 1).into()));
    assert!(verify_file(folder.file(), ring(), None).unwrap().is_closed());
}

/// A clock that a test sets.
#[derive(Clone)]
struct Calendar(std::sync::Arc<std::sync::atomic::AtomicU64>);

impl Clock for Calendar {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

#[tokio::test]
async fn a_log_is_rotated_by_its_age_also_after_a_restart() {
    let folder = Folder::new();
    let clock = Calendar(std::sync::Arc::new(NOON.into()));
    let daily = AuditRotation::new().with_age(std::time::Duration::from_hours(24));
    let later = |hours: u64| clock.0.store(NOON + hours * 3600, std::sync::atomic::Ordering::SeqCst);
    let audit = folder.rotating(daily, clock.clone());
    later(23);
    record(&audit, &["u0"]).await;
    audit.close().unwrap();
    assert!(folder.rotated().is_empty());
    later(24);
    let audit = folder.rotating(daily, clock.clone());
    assert_eq!(folder.rotated().len(), 1, "the age is that of the file's first entry");
    later(47);
    record(&audit, &["u1"]).await;
    audit.flush().unwrap();
    assert_eq!(folder.rotated().len(), 1);
    later(48);
    record(&audit, &["u2"]).await;
    audit.close().unwrap();
    assert_eq!(folder.rotated().len(), 2);
    assert_eq!(verify_file(folder.file(), ring(), Some(audit.head())).unwrap().runs(), 2);
}

// A name that is taken: the old file goes on, and nothing is lost or overwritten.
#[tokio::test]
async fn a_log_that_cannot_be_rotated_goes_on() {
    let folder = Folder::new();
    let audit = folder.rotating(AuditRotation::new().with_size(1), FrozenClock::at(NOON));
    let taken = folder.0.path().join(format!("audit.jsonl.{:020}", audit.head().seq()));
    fs::write(&taken, "taken").unwrap();
    record(&audit, &["u0"]).await;
    audit.flush().unwrap();
    assert_eq!(fs::read_to_string(&taken).unwrap(), "taken");
    assert_eq!(folder.lines().len(), 2);
    fs::remove_file(&taken).unwrap();
    record(&audit, &["u1"]).await;
    audit.close().unwrap();
    assert!(!folder.rotated().is_empty());
    assert!(verify_file(folder.file(), ring(), Some(audit.head())).unwrap().is_closed());
}

const FROZEN: Acl = acl![overlay = widening("articles"), (Allow, User("alice"), ["edit"])];

#[acl_required("edit", FROZEN)]
async fn edit_unless_frozen() {}

#[tokio::test]
async fn decisions_by_rules_of_an_overlay_are_recorded_with_their_ids() {
    let folder = Folder::new();
    let audit = folder.open().with_level(Level::DEBUG);
    let store = MemoryOverlay::new();
    let rule = |id, action, user| {
        let principal = serde_json::json!({ "user": user });
        serde_json::json!(
            { "list": "articles", "id": id, "action": action, "principal": principal, "permissions": ["edit"] }
        )
    };
    let rules = [rule("incident", "deny", "alice"), rule("stand-in", "allow", "bob")];
    let rules = serde_json::json!({ "rules": rules });
    store.replace(&rules.to_string()).await.unwrap();
    Log::of(async {}).await;
    let requests = async {
        let settings = OverlaySettings::new([FROZEN]).with_clock(FrozenClock::at(NOON));
        let overlay = settings.open(store.clone()).await.unwrap();
        let layer = AuthLayer::new(FakeIdentity::by_header()).with_overlay(overlay);
        let app = Router::new().route("/edit", get(edit_unless_frozen)).layer(layer);
        for user in ["alice", "bob"] {
            let request = Request::get("/edit").header(USER_HEADER, user).body(Body::empty());
            send(&app, request.unwrap()).await;
        }
    };
    requests.with_subscriber(tracing_subscriber::registry().with(audit.layer())).await;
    audit.close().unwrap();
    let entries: Vec<Value> = folder.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (event, user, id) in [("deny", "alice", "incident"), ("allow", "bob", "stand-in")] {
        let entry = entries.iter().find(|entry| entry["event"] == event).unwrap();
        let fields = &entry["fields"];
        assert_eq!((&fields["user"], &fields["permission"]), (&user.into(), &"edit".into()), "{entry}");
        assert_eq!((&fields["reason"], &fields["rule_id"]), (&"overlay".into(), &id.into()), "{entry}");
        assert_eq!(fields["context"], "FROZEN", "{entry}");
        // The number of a rule is that of the list, in which this one is not.
        assert!(fields.get("rule").is_none_or(|rule| rule == "" || rule.is_null()), "{entry}");
    }
    assert!(verify_file(folder.file(), ring(), Some(audit.head())).unwrap().is_closed());
}

/// Names the file of a process in which no file may be longer than a few kilobytes.
const FULL_DISK: &str = "AUDIT_LOG_ON_A_FULL_DISK";

// `ulimit -f` makes writing beyond a length fail, after a part of it, as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_delays_entries_and_no_response() {
    if let Some(path) = std::env::var_os(FULL_DISK) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(until_the_disk_is_full(Path::new(&path)));
    }
    let folder = Folder::new();
    let own = std::env::current_exe().unwrap();
    let test = "audit_log::a_full_disk_delays_entries_and_no_response";
    let output = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -S -f 4; exec \"$0\" --exact \"$1\" --nocapture"])
        .arg(own)
        .arg(test)
        .env(FULL_DISK, folder.file())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report = verify_file(folder.file(), ring(), None).unwrap();
    assert_eq!((report.gaps(), report.lost(), report.crashes(), report.is_closed()), (1, 0, 0, true));
    let denied: Vec<String> = folder.lines().into_iter().filter(|line| line.contains("\"deny\"")).collect();
    assert_eq!(denied.len(), 60, "every decision is there, once");
}

#[cfg(target_os = "linux")]
async fn until_the_disk_is_full(path: &Path) {
    let audit = AuditLog::open_with(path, ring(), FrozenClock::at(NOON)).unwrap();
    let users: Vec<String> = (0..60).map(|number| format!("user-{number}")).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    // Each request is answered, whether it can be recorded or not.
    record(&audit, &users).await;
    assert_eq!(audit.flush().unwrap_err().kind(), AuditErrorKind::Io);
    assert_eq!(audit.check().unwrap_err().kind(), AuditErrorKind::Io);
    // No part of an entry is left behind.
    let full = fs::read(path).unwrap();
    assert!(full.len() <= 4096 && full.ends_with(b"\n"), "{}", full.len());
    assert!(verify_file(path, ring(), None).is_ok());
    // Room again.
    let raised = std::process::Command::new("prlimit")
        .args(["--fsize=unlimited:unlimited", "--pid", &std::process::id().to_string()])
        .status()
        .unwrap();
    assert!(raised.success());
    audit.flush().unwrap();
    audit.close().unwrap();
}

// A device has no end: the log must not fill the memory.
#[cfg(target_os = "linux")]
#[test]
fn a_file_without_line_ends_is_not_a_log() {
    let error = AuditLog::open("/dev/full", ring()).unwrap_err();
    assert_eq!((error.kind(), error.line()), (AuditErrorKind::Malformed, Some(1)));
    let error = verify_file("/dev/zero", ring(), None).unwrap_err();
    assert_eq!((error.kind(), error.line()), (AuditErrorKind::Malformed, Some(1)));
}
