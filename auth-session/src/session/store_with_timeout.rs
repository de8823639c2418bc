//! A session store with its index; each call has a timeout.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::sync::{Mutex, MutexGuard};
use tower_sessions_core::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use super::{
    MemorySessions, SessionIndex,
    loaded_session::{Loaded, SessionHandle, Visit},
    session_secret::{Ids, Names, Secret},
    stored_records::{CurrentSecret, SessionData, SessionIdentityRecord},
};
use crate::events;
use auth_identity::{Answer, BoxError, clock::UnixTime, identity::IdentityError};

/// The number of locks for changes of sessions: one per first byte of a name.
const GATES: usize = 256;

/// Operations that a store needs besides the store trait.
#[async_trait]
pub(super) trait Upkeep: Send + Sync + 'static {
    async fn migrate(&self) -> Result<(), BoxError>;
    async fn delete_expired(&self, now: UnixTime) -> Result<(), BoxError>;
}

#[derive(Clone)]
pub(super) struct Backend {
    pub(super) store: Arc<dyn SessionStore>,
    pub(super) index: Option<Arc<dyn SessionIndex>>,
    pub(super) upkeep: Option<Arc<dyn Upkeep>>,
    pub(super) memory: Option<MemorySessions>,
    pub(super) deadline: Duration,
    pub(super) names: Names,
    /// Serializes changes of one session, so that none is lost
    gates: Arc<[Mutex<()>; GATES]>,
}

impl Backend {
    pub(super) fn new(store: Arc<dyn SessionStore>, names: Names) -> Self {
        Self {
            store,
            index: None,
            upkeep: None,
            memory: None,
            deadline: Duration::from_millis(500),
            names,
            gates: Arc::new(std::array::from_fn(|_| Mutex::new(()))),
        }
    }

    pub(super) fn held(&self, live: &Loaded, secret: &Secret) -> SessionHandle {
        let [user, acting, login] = self.listed_as(&live.core);
        SessionHandle { ids: live.ids.clone(), door: self.names.door(secret), user, acting, login }
    }

    /// Returns the names under which an index lists a session: its user's, its impersonator's, and its
    /// log-in's.
    pub(super) fn listed_as(&self, core: &SessionIdentityRecord) -> [Option<String>; 3] {
        let user = core.identity().map(|identity| self.names.user(identity));
        let acting = core.actor().map(|actor| self.names.acting(actor));
        [user, acting, core.login.as_ref().map(|login| self.names.login(login))]
    }

    /// Applies the timeout.
    pub(super) async fn call<T, E: Into<BoxError>>(
        &self,
        asked: impl Future<Output = Result<T, E>>,
    ) -> Result<T, IdentityError> {
        match tokio::time::timeout(self.deadline, asked).await {
            Ok(answer) => answer.map_err(IdentityError::unavailable),
            Err(_) => Err(IdentityError::unavailable("the store of sessions did not answer in time")),
        }
    }

    /// Loads the session of a cookie, without waiting if the sessions are in this process.
    pub(super) fn enter(&self, secret: &Secret, now: UnixTime) -> Answer<'_, Result<Visit, IdentityError>> {
        let door = self.names.door(secret);
        if let Some(memory) = &self.memory {
            let found = memory.enter(door, || self.names.ids(secret));
            let live = found.live.and_then(readable).filter(|live| live.is_valid(now));
            return Answer::Now(Ok(Visit::of(live, found.door.and_then(readable), now)));
        }
        let ids = self.names.ids(secret);
        Answer::later(async move {
            let (door, live) = tokio::join!(self.load(door, CurrentSecret::read), self.open(&ids, now));
            Ok(Visit::of(live?, door?, now))
        })
    }

    /// Loads a session; `None` if there is none that is valid now.
    pub(super) async fn open(&self, ids: &Ids, now: UnixTime) -> Result<Option<Arc<Loaded>>, IdentityError> {
        let (core, values) = tokio::join!(
            self.load(ids.core, SessionIdentityRecord::read),
            self.load(ids.values, SessionData::read)
        );
        let (Some(core), Some(values)) = (core?, values?) else { return Ok(None) };
        let live = Loaded::new(ids.clone(), Arc::new(core), values);
        Ok(live.is_valid(now).then(|| Arc::new(live)))
    }

    pub(super) async fn load<T>(
        &self,
        id: Id,
        read: impl FnOnce(Record, Id) -> Result<T, &'static str>,
    ) -> Result<Option<T>, IdentityError> {
        let loaded = self.call(async {
            match self.store.load(&id).await {
                Err(session_store::Error::Decode(_)) => {
                    events::session_record_refused("not a record");
                    Ok(None)
                }
                answer => answer,
            }
        });
        let Some(record) = loaded.await? else { return Ok(None) };
        Ok(readable(read(record, id)))
    }

    /// Returns whether the record was created under its own name.
    pub(super) async fn create(&self, record: Option<Record>) -> Result<bool, IdentityError> {
        let mut record =
            record.ok_or(IdentityError::misconfigured("the session cannot be written as JSON"))?;
        let id = record.id;
        self.call(self.store.create(&mut record)).await?;
        if record.id == id {
            return Ok(true);
        }
        self.call(self.store.delete(&record.id)).await?;
        Ok(false)
    }

    pub(super) fn index(&self) -> Result<&Arc<dyn SessionIndex>, IdentityError> {
        self.index.as_ref().ok_or(IdentityError::misconfigured(
            "these sessions have no index of users; give them one with `with_index`",
        ))
    }

    /// Waits for other changes of this session in this process.
    pub(super) async fn turn(&self, ids: &Ids) -> Result<MutexGuard<'_, ()>, IdentityError> {
        self.call(async { Ok::<_, BoxError>(self.gate(ids.values).lock().await) }).await
    }

    #[expect(clippy::indexing_slicing, reason = "there is a gate for every byte")]
    fn gate(&self, id: Id) -> &Mutex<()> {
        let [first, ..] = id.0.to_le_bytes();
        &self.gates[usize::from(first)]
    }
}

/// Parses a record; `None` if it is not a valid session record.
fn readable<T>(read: Result<T, &'static str>) -> Option<T> {
    read.inspect_err(|reason| events::session_record_refused(reason)).ok()
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend")
            .field("names", &self.names)
            .field("has_index", &self.index.is_some())
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
