//! The contract of session stores, as the documentation states it: which records are written in which order.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    collections::HashMap,
    fs,
    path::Path,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Waker},
};

use auth_runtime::{
    BoxError, Identity, SessionIdentity, async_trait,
    identity::{
        CredentialId,
        session::{MemorySessions, SessionEntry, SessionIndex},
    },
};
use tower_sessions_core::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use crate::session_support::{Browser, app, clock};

/// A store and an index that note what is written.
#[derive(Clone, Debug)]
struct Noting {
    memory: MemorySessions,
    kinds: Arc<Mutex<HashMap<Id, &'static str>>>,
    written: Arc<Mutex<Vec<String>>>,
}

impl Noting {
    fn new() -> Self {
        Self { memory: MemorySessions::new(), kinds: Arc::default(), written: Arc::default() }
    }

    fn policy(&self) -> SessionIdentity {
        SessionIdentity::new(self.clone()).with_index(self.clone())
    }

    fn note(&self, what: &str, id: &Id) {
        let kind = self.kinds.lock().unwrap().get(id).copied().unwrap_or("nothing");
        self.written.lock().unwrap().push(format!("{what} {kind}"));
    }

    fn note_record(&self, what: &str, record: &Record) {
        let kind = match record.data.keys().next().map(String::as_str) {
            Some("auth.core") => "identity",
            Some("auth.values") => "data",
            Some("auth.secret") => "secret",
            Some("auth.replaced") => "replaced",
            key => panic!("another record: {key:?}"),
        };
        self.kinds.lock().unwrap().insert(record.id, kind);
        self.note(what, &record.id);
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.written.lock().unwrap())
    }
}

#[async_trait]
impl SessionStore for Noting {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.note_record("create", record);
        self.memory.create(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.note_record("save", record);
        self.memory.save(record).await
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.memory.load(id).await
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.note("delete", id);
        self.memory.delete(id).await
    }
}

#[async_trait]
impl SessionIndex for Noting {
    async fn add(&self, user: &str, entry: &SessionEntry) -> Result<(), BoxError> {
        self.written.lock().unwrap().push("add entry".to_owned());
        self.memory.add(user, entry).await
    }

    async fn remove(&self, user: &str, id: &CredentialId) -> Result<(), BoxError> {
        self.written.lock().unwrap().push("remove entry".to_owned());
        self.memory.remove(user, id).await
    }

    async fn list(&self, user: &str) -> Result<Vec<SessionEntry>, BoxError> {
        self.memory.list(user).await
    }
}

/// Part of the documentation of the module `session`.
const CONTRACT: &str = "auth-session/src/session/contract.md";

const BEGIN: [&str; 4] = ["add entry", "create data", "create secret", "create identity"];

#[tokio::test]
async fn each_change_keeps_the_order_of_writes() {
    let store = Noting::new();
    let mut browser = Browser::new(&app(store.policy(), &clock()));
    assert_eq!(browser.status("/login/alice").await, 200);
    assert_eq!(store.taken(), BEGIN);

    assert_eq!(browser.status("/put/cart/book").await, 200);
    assert_eq!(store.taken(), ["save data"]);

    assert_eq!(browser.status("/rotate").await, 200);
    assert_eq!(store.taken(), ["create secret", "save replaced"]);

    assert_eq!(browser.status("/login/bob").await, 200);
    let replaced = ["save replaced", "delete identity", "delete data", "remove entry"];
    assert_eq!(store.taken(), [BEGIN, replaced].concat());

    assert_eq!(browser.status("/logout").await, 200);
    assert_eq!(store.taken(), ["delete identity", "delete data", "delete secret", "remove entry"]);
}

#[tokio::test]
async fn all_sessions_of_a_user_end_before_their_entries_go() {
    let store = Noting::new();
    let app = app(store.policy(), &clock());
    for _ in 0..2 {
        assert_eq!(Browser::new(&app).status("/login/alice").await, 200);
    }
    store.taken();
    let alice = Identity::new("alice").unwrap();
    assert_eq!(store.policy().sessions().end_all(&alice).await.unwrap(), 2);
    let of_each = ["delete identity", "delete data", "delete identity", "delete data"];
    let entries_then_again = ["remove entry", "remove entry", "delete identity", "delete identity"];
    assert_eq!(store.taken(), [of_each, entries_then_again].concat());
}

#[tokio::test]
async fn data_that_are_saved_after_the_log_out_are_deleted_again() {
    let store = Noting::new();
    let mut browser = Browser::new(&app(store.policy(), &clock()));
    assert_eq!(browser.status("/login/alice").await, 200);
    let kinds = store.kinds.lock().unwrap().clone();
    let identity = *kinds.iter().find(|(_, kind)| **kind == "identity").unwrap().0;
    // Another instance has logged the user out, and has deleted no more than this so far.
    let mut slower = browser.thief();
    let mut slow = pin!(slower.status("/put-slowly/cart/book"));
    let first = slow.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(first.is_pending(), "the session was read, and nothing is written yet");
    store.memory.delete(&identity).await.unwrap();
    store.taken();
    assert_eq!(slow.await, 401);
    assert_eq!(store.taken(), ["save data", "delete data"]);
}

/// The drawing and the table of the module's documentation are those of the page about the architecture.
#[test]
fn the_contract_is_the_same_in_both_documents() {
    let read = |path: &str| {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap().replace("\r\n", "\n")
    };
    let (contract, architecture) = (read(CONTRACT), read("docs/architecture.md"));
    let (_, rest) = contract.split_once("```text\n").unwrap();
    let (drawing, rest) = rest.split_once("```").unwrap();
    assert!(architecture.contains(drawing), "the drawings differ");
    let (_, rest) = rest.split_once("## Order of writes").unwrap();
    let rows: Vec<&str> = rest.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 6, "{rows:?}");
    for row in rows {
        assert!(architecture.contains(row), "{row}");
    }
}
