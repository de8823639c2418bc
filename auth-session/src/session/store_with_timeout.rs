//! Wraps a session store and its index so that each call has a timeout: [`StoreWithTimeout`].

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
    derived_ids::{DerivedIds, IdDerivation},
    loaded_session::{LoadedSession, SessionHandle, Visit},
    session_secret::SessionSecret,
    stored_records::{SecretStatus, SessionData, SessionIdentityRecord},
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
pub(super) struct StoreWithTimeout {
    pub(super) store: Arc<dyn SessionStore>,
    pub(super) index: Option<Arc<dyn SessionIndex>>,
    pub(super) upkeep: Option<Arc<dyn Upkeep>>,
    pub(super) memory: Option<MemorySessions>,
    pub(super) deadline: Duration,
    pub(super) derivation: IdDerivation,
    /// Serializes changes of one session, so that none is lost
    gates: Arc<[Mutex<()>; GATES]>,
}

impl StoreWithTimeout {
    pub(super) fn new(store: Arc<dyn SessionStore>, derivation: IdDerivation) -> Self {
        Self {
            store,
            index: None,
            upkeep: None,
            memory: None,
            deadline: Duration::from_millis(500),
            derivation,
            gates: Arc::new(std::array::from_fn(|_| Mutex::new(()))),
        }
    }

    pub(super) fn held(&self, live: &LoadedSession, secret: &SessionSecret) -> SessionHandle {
        let [user, acting, login] = self.listed_as(&live.core);
        SessionHandle {
            ids: live.ids.clone(),
            status_id: self.derivation.status_id(secret),
            user,
            acting,
            login,
        }
    }

    /// Returns the derivation under which an index lists a session: its user's, its impersonator's, and its
    /// log-in's.
    pub(super) fn listed_as(&self, core: &SessionIdentityRecord) -> [Option<String>; 3] {
        let user = core.identity().map(|identity| self.derivation.user(identity));
        let acting = core.actor().map(|actor| self.derivation.acting(actor));
        [user, acting, core.login.as_ref().map(|login| self.derivation.login(login))]
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
    pub(super) fn enter(
        &self,
        secret: &SessionSecret,
        now: UnixTime,
    ) -> Answer<'_, Result<Visit, IdentityError>> {
        let status_id = self.derivation.status_id(secret);
        if let Some(memory) = &self.memory {
            let found = memory.enter(status_id, || self.derivation.ids(secret));
            let live = found.live.and_then(readable).filter(|live| live.is_valid(now));
            return Answer::Now(Ok(Visit::of(live, found.status.and_then(readable), now)));
        }
        let ids = self.derivation.ids(secret);
        Answer::later(async move {
            let (status, live) = tokio::join!(self.load(status_id, SecretStatus::read), self.open(&ids, now));
            Ok(Visit::of(live?, status?, now))
        })
    }

    /// Loads a session; `None` if there is none that is valid now.
    pub(super) async fn open(
        &self,
        ids: &DerivedIds,
        now: UnixTime,
    ) -> Result<Option<Arc<LoadedSession>>, IdentityError> {
        let (core, values) = tokio::join!(
            self.load(ids.core, SessionIdentityRecord::read),
            self.load(ids.values, SessionData::read)
        );
        let (Some(core), Some(values)) = (core?, values?) else { return Ok(None) };
        let live = LoadedSession::new(ids.clone(), Arc::new(core), values);
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
    pub(super) async fn turn(&self, ids: &DerivedIds) -> Result<MutexGuard<'_, ()>, IdentityError> {
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

impl fmt::Debug for StoreWithTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreWithTimeout")
            .field("derivation", &self.derivation)
            .field("has_index", &self.index.is_some())
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
