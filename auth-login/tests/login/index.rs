//! What an index of log-ins promises: in memory, in SQLite, in PostgreSQL and in Redis alike.

use std::{sync::Arc, time::Duration};

use auth_login::{
    LoggedOut, LoginIndex, LoginRecord, MemoryLoginIndex, PostgresLoginIndex, RedisLoginIndex,
    SqliteLoginIndex, TooManyLogins,
};
use auth_runtime::{
    KeyRing,
    clock::{Clock as _, UnixTime},
    identity::CredentialId,
    testing::FrozenClock,
};
use fred::interfaces::KeysInterface as _;
use secrecy::ExposeSecret as _;
use tokio::{sync::Barrier, task::JoinSet};

use super::{app_and_fake_provider::NOON, databases, redis};

const ISSUER: &str = "https://op.example";
const HOUR: Duration = Duration::from_hours(1);

struct Index {
    name: &'static str,
    one: Arc<dyn LoginIndex>,
    /// The same index, as another instance sees it
    other: Arc<dyn LoginIndex>,
    clock: FrozenClock,
}

impl Index {
    fn end(&self) -> UnixTime {
        self.clock.now().plus(HOUR)
    }

    async fn found(&self, what: LoggedOut) -> Vec<String> {
        let found = self.other.find(&what).await.unwrap();
        let mut found: Vec<_> = found.iter().map(|login| login.login.as_str().to_owned()).collect();
        found.sort_unstable();
        found
    }
}

/// Returns an index of each kind, for at most `capacity` log-ins of a user.
async fn indexes(capacity: u32) -> (Vec<Index>, tempfile::TempDir) {
    let (keys, directory) = (KeyRing::random(), tempfile::tempdir().unwrap());
    let clock = FrozenClock::at(NOON);
    let mut all = Vec::new();
    let index = MemoryLoginIndex::new().with_capacity_per_user(capacity).with_clock(clock.clone());
    all.push(Index {
        name: "memory",
        other: Arc::new(index.clone()),
        one: Arc::new(index),
        clock: clock.clone(),
    });
    let sqlite = [databases::sqlite(directory.path()).await, databases::sqlite(directory.path()).await];
    let [one, two] = sqlite.map(|pool| {
        SqliteLoginIndex::new(pool, keys.clone()).with_capacity(capacity).with_clock(clock.clone())
    });
    one.create_tables().await.unwrap();
    two.create_tables().await.unwrap();
    all.push(Index { name: "sqlite", one: Arc::new(one), other: Arc::new(two), clock: clock.clone() });
    if let Some(pool) = databases::postgres().await {
        let index = PostgresLoginIndex::new(pool, keys.clone()).with_capacity(capacity);
        let index = index.with_clock(clock.clone());
        // Two instances that start at the same time.
        let (one, two) = tokio::join!(index.create_tables(), index.create_tables());
        one.and(two).unwrap();
        let (one, other) = (Arc::new(index.clone()), Arc::new(index));
        all.push(Index { name: "postgres", one, other, clock: clock.clone() });
    }
    if let Some(client) = redis::client().await {
        let index = RedisLoginIndex::new(client, keys).with_capacity(capacity).with_prefix(redis::prefix());
        let index = index.with_clock(clock.clone());
        all.push(Index { name: "redis", other: Arc::new(index.clone()), one: Arc::new(index), clock });
    }
    (all, directory)
}

fn id(name: &str) -> CredentialId {
    CredentialId::new(name).unwrap()
}

fn login(name: &str, subject: &str, session: &str) -> LoginRecord {
    LoginRecord::new(id(name), "fake", ISSUER, subject).with_session(session)
}

fn of_session(session: &str) -> LoggedOut {
    LoggedOut::Session { issuer: ISSUER.to_owned(), session: session.to_owned() }
}

fn of_subject(subject: &str) -> LoggedOut {
    LoggedOut::Subject { issuer: ISSUER.to_owned(), subject: subject.to_owned() }
}

fn of_account(subject: &str) -> LoggedOut {
    LoggedOut::Account { issuer: ISSUER.to_owned(), subject: subject.to_owned() }
}

#[tokio::test]
async fn log_ins_are_found_by_session_and_by_subject_of_one_issuer() {
    let (indexes, _directory) = indexes(10).await;
    for index in indexes {
        let name = index.name;
        for login in [login("a", "alice", "1"), login("b", "alice", "2"), login("c", "bob", "1")] {
            index.one.record(&login, None, index.end()).await.unwrap();
        }
        // Without a session at the provider, and the same names at another issuer.
        let bare = LoginRecord::new(id("d"), "fake", ISSUER, "alice");
        index.one.record(&bare, None, index.end()).await.unwrap();
        let evil = LoginRecord::new(id("e"), "evil", "https://evil.example", "alice").with_session("1");
        index.one.record(&evil, None, index.end()).await.unwrap();
        assert_eq!(index.found(of_session("1")).await, ["a", "c"], "{name}");
        assert_eq!(index.found(of_subject("alice")).await, ["a", "b", "d"], "{name}");
        assert_eq!(index.found(of_account("alice")).await, ["a", "b", "d"], "{name}");
        assert_eq!(index.found(of_session("")).await, [""; 0], "{name}");
        assert_eq!(index.found(of_session("alice")).await, [""; 0], "{name}");
        assert_eq!(index.found(of_subject("ALICE")).await, [""; 0], "{name}");
        // Issuer and name are not run together.
        let shifted = LoggedOut::Subject { issuer: format!("{ISSUER}a"), subject: "lice".to_owned() };
        assert_eq!(index.found(shifted).await, [""; 0], "{name}");
        index.other.remove(&id("a")).await.unwrap();
        index.other.remove(&id("a")).await.unwrap();
        assert_eq!(index.found(of_session("1")).await, ["c"], "{name}");
        assert_eq!(index.found(of_subject("alice")).await, ["b", "d"], "{name}");
        assert_eq!(index.found(LoggedOut::Login(id("c"))).await, ["c"], "{name}");
        assert_eq!(index.found(LoggedOut::Login(id("a"))).await, [""; 0], "{name}");
    }
}

#[tokio::test]
async fn a_record_comes_back_as_it_was_written() {
    let (indexes, _directory) = indexes(10).await;
    for Index { name, one: index, other, clock } in indexes {
        let (subject, session) = ("ä'\" \\ % *\u{1f600}", "s ' \" { } [ * ?");
        let full = login("full", subject, session).with_account("object").with_id_token("e.y.J");
        index.record(&full, None, clock.now().plus(HOUR)).await.unwrap();
        let found_by =
            [LoggedOut::Login(id("full")), of_session(session), of_subject(subject), of_account("object")];
        for what in found_by {
            let found = other.find(&what).await.unwrap();
            let [found] = &found[..] else { panic!("{name}: {found:?}") };
            assert_eq!((found.login.as_str(), found.provider.as_str()), ("full", "fake"), "{name}");
            assert_eq!((found.issuer.as_str(), found.subject.as_str()), (ISSUER, subject), "{name}");
            assert_eq!(found.account, "object", "{name}");
            assert_eq!(found.session.as_deref(), Some(session), "{name}");
            assert_eq!(found.id_token.as_ref().unwrap().expose_secret(), "e.y.J", "{name}");
        }
    }
}

#[tokio::test]
async fn a_log_in_is_recorded_until_it_ends() {
    let (indexes, _directory) = indexes(10).await;
    for index in indexes {
        let name = index.name;
        let until = |minutes| index.clock.now().plus(Duration::from_mins(minutes));
        index.one.record(&login("short", "alice", "1"), None, until(1)).await.unwrap();
        index.one.record(&login("kept", "alice", "1"), None, until(1)).await.unwrap();
        assert!(index.other.keep(&id("kept"), until(60)).await.unwrap(), "{name}");
        index.clock.advance(Duration::from_secs(59));
        assert_eq!(index.found(of_subject("alice")).await, ["kept", "short"], "{name}");
        index.clock.advance(Duration::from_secs(1));
        assert_eq!(index.found(of_subject("alice")).await, ["kept"], "{name}");
        assert_eq!(index.found(of_session("1")).await, ["kept"], "{name}");
        assert!(!index.one.keep(&id("short"), until(60)).await.unwrap(), "{name}: it has ended");
        index.clock.advance(HOUR);
        assert_eq!(index.found(of_subject("alice")).await, [""; 0], "{name}");
        // Back to the time of the others.
        assert!(!index.one.keep(&id("kept"), until(60)).await.unwrap(), "{name}");
    }
}

#[tokio::test]
async fn a_removed_log_in_is_not_kept() {
    let (indexes, _directory) = indexes(10).await;
    for index in indexes {
        assert!(!index.one.keep(&id("unknown"), index.end()).await.unwrap(), "{}", index.name);
        index.one.record(&login("a", "alice", "1"), None, index.end()).await.unwrap();
        index.other.remove(&id("a")).await.unwrap();
        assert!(!index.one.keep(&id("a"), index.end()).await.unwrap(), "{}", index.name);
        assert_eq!(index.found(of_subject("alice")).await, [""; 0], "{}", index.name);
    }
}

// Bounded: neither a user who logs in again and again, nor one who never comes back, fills a store.
#[tokio::test]
async fn a_user_has_so_many_log_ins_and_those_that_have_ended_make_room() {
    let (indexes, _directory) = indexes(2).await;
    for index in indexes {
        let name = index.name;
        index.one.record(&login("a", "alice", "1"), None, index.end()).await.unwrap();
        index.one.record(&login("b", "alice", "2"), None, index.end()).await.unwrap();
        let error = index.one.record(&login("c", "alice", "3"), None, index.end()).await.unwrap_err();
        assert!(error.is::<TooManyLogins>(), "{name}: {error}");
        assert_eq!(index.found(of_subject("alice")).await, ["a", "b"], "{name}: none is displaced");
        index.one.record(&login("d", "bob", "1"), None, index.end()).await.unwrap();
        assert!(index.other.keep(&id("a"), index.end()).await.unwrap(), "{name}: and a kept one counts once");
        index.other.remove(&id("a")).await.unwrap();
        index.one.record(&login("c", "alice", "3"), None, index.end()).await.unwrap();
        index.clock.advance(HOUR);
        index.one.record(&login("e", "alice", "1"), None, index.end()).await.unwrap();
        index.one.record(&login("f", "alice", "1"), None, index.end()).await.unwrap();
        assert_eq!(index.found(of_subject("alice")).await, ["e", "f"], "{name}");
    }
}

// Otherwise a user at the limit could not step up in a session that they have.
#[tokio::test]
async fn a_log_in_that_is_replaced_does_not_count_against_the_limit() {
    let (indexes, _directory) = indexes(2).await;
    for index in indexes {
        let name = index.name;
        index.one.record(&login("a", "alice", "1"), None, index.end()).await.unwrap();
        index.one.record(&login("b", "alice", "2"), None, index.end()).await.unwrap();
        index.one.record(&login("bob's", "bob", "1"), None, index.end()).await.unwrap();
        for (replaced, expected) in
            [("bob's", false), ("unknown", false), ("a", true), ("a", false), ("b", false)]
        {
            let new = login(&format!("in place of {replaced}"), "alice", "3");
            let recorded = index.other.record(&new, Some(&id(replaced)), index.end()).await;
            assert_eq!(recorded.is_ok(), expected, "{name}: {replaced}");
        }
        // One more than the limit, until the one that was replaced is removed.
        assert_eq!(index.found(of_subject("alice")).await, ["a", "b", "in place of a"], "{name}");
        index.one.remove(&id("a")).await.unwrap();
        let again = login("again", "alice", "3");
        let error = index.other.record(&again, None, index.end()).await.unwrap_err();
        assert!(error.is::<TooManyLogins>(), "{name}: {error}");
        index.other.record(&again, Some(&id("in place of a")), index.end()).await.unwrap();
    }
}

#[tokio::test]
async fn a_log_out_concerns_the_log_ins_that_began_before_it_and_no_others() {
    let (indexes, _directory) = indexes(10).await;
    for index in indexes {
        let name = index.name;
        let alices = login("a", "alice", "1").with_account("object");
        let others = [
            login("b", "bob", "2"),
            LoginRecord::new(id("c"), "fake", "https://evil.example", "alice").with_session("1"),
            LoginRecord::new(id("d"), "fake", ISSUER, "1"),
        ];
        let before = index.one.last_logout().await.unwrap();
        assert_eq!(before, 0, "{name}");
        assert!(!index.one.has_logged_out(&alices, before).await.unwrap(), "{name}");
        for what in [LoggedOut::Login(id("a")), of_session("1"), of_subject("alice"), of_account("object")] {
            let before = index.one.last_logout().await.unwrap();
            index.one.note_logout(&what, index.end()).await.unwrap();
            assert!(index.other.has_logged_out(&alices, before).await.unwrap(), "{name}: {what:?}");
            for other in &others {
                assert!(
                    !index.other.has_logged_out(other, before).await.unwrap(),
                    "{name}: {what:?} {other:?}"
                );
            }
            // A log-in that begins now, in the same second.
            let after = index.other.last_logout().await.unwrap();
            assert!(after > before, "{name}: {after} > {before}");
            assert!(!index.one.has_logged_out(&alices, after).await.unwrap(), "{name}: {what:?}");
        }
        // One without a session at the provider, and texts of any length.
        let bare = LoginRecord::new(id("e"), "fake", ISSUER, "carol");
        assert!(!index.one.has_logged_out(&bare, 0).await.unwrap(), "{name}");
        let long = "s".repeat(60_000);
        index.one.note_logout(&of_session(&long), index.end()).await.unwrap();
        assert!(index.other.has_logged_out(&login("f", "dave", &long), before).await.unwrap(), "{name}");
        assert!(
            !index.other.has_logged_out(&login("f", "dave", &long[1..]), before).await.unwrap(),
            "{name}"
        );
    }
}

// Under a number of an earlier one, a log-out would not concern the log-ins that began in between.
#[tokio::test]
async fn numbers_of_log_outs_are_not_used_again_when_all_are_forgotten() {
    let (indexes, _directory) = indexes(10).await;
    for index in indexes {
        let mut last = 0;
        for _ in 0..3 {
            index.one.note_logout(&of_session("1"), index.end()).await.unwrap();
            let number = index.other.last_logout().await.unwrap();
            assert!(number > last, "{}: {number} > {last}", index.name);
            last = number;
            index.clock.advance(HOUR);
        }
        // What is kept for an hour is not in the way afterwards.
        index.one.note_logout(&of_session("2"), index.end()).await.unwrap();
        if index.name != "redis" {
            // There, the server drops it by its own clock.
            let login = login("a", "alice", "1");
            assert!(!index.other.has_logged_out(&login, 0).await.unwrap(), "{}", index.name);
        }
    }
}

// After a restart of the process or of the server, numbers begin again, and log-outs from before are lost.
#[tokio::test]
async fn an_attempt_with_a_number_from_before_a_restart_has_ended() {
    let (indexes, _directory) = indexes(10).await;
    for index in indexes.into_iter().filter(|index| ["memory", "redis"].contains(&index.name)) {
        let login = login("a", "alice", "1");
        let last = index.one.last_logout().await.unwrap();
        assert!(!index.one.has_logged_out(&login, last).await.unwrap(), "{}", index.name);
        assert!(index.one.has_logged_out(&login, last.saturating_add(1)).await.unwrap(), "{}", index.name);
    }
}

#[tokio::test]
async fn the_memory_notes_so_many_log_outs_at_a_time() {
    let clock = FrozenClock::at(NOON);
    let index = MemoryLoginIndex::new().with_clock(clock.clone());
    let end = clock.now().plus(HOUR);
    for number in 0..100_000 {
        index.note_logout(&of_session(&number.to_string()), end).await.unwrap();
    }
    index.note_logout(&of_session("one more"), end).await.unwrap_err();
    assert_eq!(index.last_logout().await.unwrap(), 100_000);
    clock.advance(HOUR);
    index.note_logout(&of_session("one more"), end.plus(HOUR)).await.unwrap();
}

/// Of a log-in that is recorded and a log-out that is noted at the same moment, one sees the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_log_in_finds_the_log_out_or_the_log_out_finds_the_log_in() {
    let (indexes, _directory) = indexes(1000).await;
    for index in indexes {
        for round in 0..40 {
            let record = login(&format!("round {round}"), "alice", "1");
            let what = if round % 2 == 0 { of_session("1") } else { of_subject("alice") };
            let before = index.one.last_logout().await.unwrap();
            let barrier = Arc::new(Barrier::new(2));
            let logs_in = tokio::spawn({
                let (index, record, end) = (Arc::clone(&index.one), record.clone(), index.end());
                let barrier = Arc::clone(&barrier);
                async move {
                    barrier.wait().await;
                    index.record(&record, None, end).await.unwrap();
                    index.has_logged_out(&record, before).await.unwrap()
                }
            });
            let logs_out = tokio::spawn({
                let (index, id, end) = (Arc::clone(&index.other), record.login.clone(), index.end());
                async move {
                    barrier.wait().await;
                    index.note_logout(&what, end).await.unwrap();
                    index.find(&what).await.unwrap().iter().any(|found| found.login == id)
                }
            });
            let seen = (logs_in.await.unwrap(), logs_out.await.unwrap());
            assert_ne!(seen, (false, false), "{} {round}", index.name);
            index.one.remove(&record.login).await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_memory_is_bounded_for_all_users_together_too() {
    let clock = FrozenClock::at(NOON);
    let index = MemoryLoginIndex::new().with_capacity(2).with_clock(clock.clone());
    let end = clock.now().plus(HOUR);
    index.record(&login("a", "alice", "1"), None, end).await.unwrap();
    index.record(&login("b", "bob", "1"), None, end).await.unwrap();
    let error = index.record(&login("c", "carol", "1"), None, end).await.unwrap_err();
    assert!(!error.is::<TooManyLogins>(), "it is none of the user's doing: {error}");
    clock.advance(HOUR);
    index.record(&login("c", "carol", "1"), None, end.plus(HOUR)).await.unwrap();
}

/// Of a log-in that is kept and removed at the same moment nothing stays, and of ten removals and keeps of
/// different log-ins each does its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keeping_and_removing_at_the_same_moment_leaves_nothing() {
    let (indexes, _directory) = indexes(100).await;
    for index in indexes {
        for round in 0..10 {
            let (lost, stays) = (format!("lost {round}"), format!("stays {round}"));
            for name in [&lost, &stays] {
                index.one.record(&login(name, "alice", "1"), None, index.end()).await.unwrap();
            }
            let barrier = Arc::new(Barrier::new(3));
            let mut tasks = JoinSet::new();
            for task in 0..3 {
                let (one, two) = (Arc::clone(&index.one), Arc::clone(&index.other));
                let (barrier, end) = (Arc::clone(&barrier), index.end());
                let (lost, stays) = (id(&lost), id(&stays));
                tasks.spawn(async move {
                    barrier.wait().await;
                    match task {
                        0 => two.remove(&lost).await.unwrap(),
                        1 => drop(one.keep(&lost, end).await.unwrap()),
                        _ => assert!(one.keep(&stays, end).await.unwrap()),
                    }
                });
            }
            tasks.join_all().await;
            assert_eq!(index.found(LoggedOut::Login(id(&lost))).await, [""; 0], "{}", index.name);
            assert!(!index.one.keep(&id(&lost), index.end()).await.unwrap(), "{}", index.name);
            assert_eq!(index.found(of_session("1")).await, std::slice::from_ref(&stays), "{}", index.name);
            index.one.remove(&id(&stays)).await.unwrap();
        }
    }
}

// Who reads the database or the server reads no names and addresses of users.
#[tokio::test]
async fn id_tokens_are_encrypted() {
    let directory = tempfile::tempdir().unwrap();
    let pool = databases::sqlite(directory.path()).await;
    let index = SqliteLoginIndex::new(pool.clone(), KeyRing::random());
    index.create_tables().await.unwrap();
    let login = login("a", "alice", "1").with_id_token("CANARY");
    let end = auth_runtime::clock::SystemClock.now().plus(HOUR);
    index.record(&login, None, end).await.unwrap();
    let hint: String =
        sqlx::query_scalar("SELECT hint FROM auth_login_logins").fetch_one(&pool).await.unwrap();
    assert!(!hint.contains("CANARY"));
    if let Some(client) = redis::client().await {
        let prefix = redis::prefix();
        let index = RedisLoginIndex::new(client.clone(), KeyRing::random()).with_prefix(prefix.as_str());
        index.record(&login, None, end).await.unwrap();
        let key = format!("{prefix}:id:a");
        let text: String = client.get(&key).await.unwrap();
        assert!(text.contains("alice") && !text.contains("CANARY"), "{text}");
        // The server drops it by itself.
        let left: i64 = client.ttl(&key).await.unwrap();
        assert!((3500..=3600).contains(&left), "{left}");
        // One that cannot be read is an error, and not a log-in that is not there.
        let _: () = client.set(&key, "{}", None, None, false).await.unwrap();
        index.find(&LoggedOut::Login(id("a"))).await.unwrap_err();
    }
}
