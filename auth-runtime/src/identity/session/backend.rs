//! A store, an index and what both are asked, each call within its deadline.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{runtime::Handle, sync::Mutex};
use tower_sessions_core::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use super::{
    MemorySessions, SessionEntry, SessionIndex,
    record::{Core, Values},
    secret::{Ids, Names, Secret},
};
use crate::{
    BoxError,
    clock::UnixTime,
    events,
    identity::{Data, IdentityError},
};

/// How many sessions of one process can be changed at once.
const GATES: usize = 64;
/// How often a session gets another secret when the store has its names already, which does not happen.
const SECRETS: usize = 3;
/// How often the end of a session that nobody has is tried.
const UNDO_TRIES: u32 = 3;

/// What a store needs besides the trait of stores.
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
    /// Changes of one session wait for each other, so that none is lost
    gates: Arc<[Mutex<()>; GATES]>,
}

/// A session that is valid now.
#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) ids: Ids,
    pub(super) core: Core,
    pub(super) values: Values,
}

/// What is enough to end a session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Held {
    pub(super) ids: Ids,
    /// The user as the index knows them
    pub(super) user: Option<String>,
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

    pub(super) fn held(&self, live: &Live) -> Held {
        Held { ids: live.ids.clone(), user: live.core.identity().map(|identity| self.names.user(&identity)) }
    }

    /// Waits no longer than the deadline.
    pub(super) async fn call<T, E: Into<BoxError>>(
        &self,
        asked: impl Future<Output = Result<T, E>>,
    ) -> Result<T, IdentityError> {
        match tokio::time::timeout(self.deadline, asked).await {
            Ok(answer) => answer.map_err(IdentityError::unavailable),
            Err(_) => Err(IdentityError::unavailable("the store of sessions did not answer in time")),
        }
    }

    /// Reads a session; nothing when there is none, or none that is valid now.
    pub(super) async fn open(&self, ids: &Ids, now: UnixTime) -> Result<Option<Live>, IdentityError> {
        let (core, values) =
            tokio::join!(self.load(ids.core, Core::read), self.load(ids.values, Values::read));
        let (Some(core), Some(values)) = (core?, values?) else { return Ok(None) };
        if now >= core.expires() {
            events::session_refused("absolute limit");
            return Ok(None);
        }
        if now.since(values.seen) >= core.idle() {
            events::session_refused("idle limit");
            return Ok(None);
        }
        Ok(Some(Live { ids: ids.clone(), core, values }))
    }

    async fn load<T>(
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
        Ok(read(record, id).inspect_err(|reason| events::session_record_refused(reason)).ok())
    }

    /// Begins a session. Until its guard is told otherwise, it ends again when the guard goes.
    pub(super) async fn begin(
        &self,
        core: Core,
        now: UnixTime,
        data: impl Fn(&Core, &Ids) -> Result<Data, IdentityError> + Send,
    ) -> Result<(Secret, Live, Guard), IdentityError> {
        if let Some(memory) = &self.memory {
            memory.sweep(now);
        }
        for _ in 0..SECRETS {
            let secret = Secret::random()?;
            let ids = self.names.ids(&secret);
            let values = Values { seen: now, data: data(&core, &ids)? };
            let live = Live { ids, core: core.clone(), values };
            if let Some(guard) = self.write_new(&live).await? {
                return Ok((secret, live, guard));
            }
        }
        Err(IdentityError::unavailable("the store of sessions has every name already"))
    }

    /// Writes a new session, or nothing when one of its names is taken.
    async fn write_new(&self, live: &Live) -> Result<Option<Guard>, IdentityError> {
        let (ids, held) = (&live.ids, self.held(live));
        let mut guard = Guard::new(self.clone(), held.clone());
        // In this order, so that whoever ends all sessions of a user finds each that is valid.
        if let (Some(index), Some(user)) = (&self.index, &held.user) {
            let (created, expires) = (live.core.created(), live.core.expires());
            let entry = SessionEntry::new(ids.public.clone(), ids.records(), created, expires);
            self.call(index.add(user, &entry)).await?;
        }
        let mut written = false;
        if self.create(live.values.record(ids.values, &live.core)).await? {
            if self.create(live.core.record(ids.core)).await? {
                return Ok(Some(guard));
            }
            written = true;
        }
        // The names belong to somebody else's session, which the guard must not end.
        guard.disarm();
        if written {
            self.call(self.store.delete(&ids.values)).await?;
        }
        self.remove_entry(&held).await;
        Ok(None)
    }

    /// Returns whether the record was created under its own name.
    async fn create(&self, record: Option<Record>) -> Result<bool, IdentityError> {
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

    /// Changes what a session keeps, and notes that it is used; nothing when the session has ended meanwhile.
    pub(super) async fn edit(
        &self,
        live: &Live,
        now: UnixTime,
        change: impl FnOnce(&mut Values) -> Result<(), IdentityError>,
    ) -> Result<Option<Live>, IdentityError> {
        if let Some(memory) = &self.memory {
            memory.sweep(now);
        }
        let ids = &live.ids;
        let _turn = self.call(async { Ok::<_, BoxError>(self.gate(ids.values).lock().await) }).await?;
        let Some(mut values) = self.load(ids.values, Values::read).await? else { return Ok(None) };
        change(&mut values)?;
        values.seen = values.seen.max(now);
        let record = values.record(ids.values, &live.core);
        let record = record.ok_or(IdentityError::misconfigured("the session cannot be written as JSON"))?;
        self.call(self.store.save(&record)).await?;
        // A log-out deletes the core. What was written after it is not of a session any more.
        if self.load(ids.core, Core::read).await?.is_none() {
            self.call(self.store.delete(&ids.values)).await?;
            return Ok(None);
        }
        Ok(Some(Live { values, ..live.clone() }))
    }

    fn gate(&self, id: Id) -> &Mutex<()> {
        let [first, ..] = id.0.to_le_bytes();
        let at = usize::from(first) % GATES;
        self.gates.get(at).unwrap_or(&self.gates[0])
    }

    /// Ends a session: once its core is deleted nothing brings it back. What else there is of it is worth nothing.
    pub(super) async fn end(&self, held: &Held) -> Result<(), IdentityError> {
        self.call(self.store.delete(&held.ids.core)).await?;
        if let Err(error) = self.call(self.store.delete(&held.ids.values)).await {
            events::failed("end session", &error);
        }
        self.remove_entry(held).await;
        Ok(())
    }

    async fn remove_entry(&self, held: &Held) {
        if let (Some(index), Some(user)) = (&self.index, &held.user)
            && let Err(error) = self.call(index.remove(user, &held.ids.public)).await
        {
            events::failed("end session", &error);
        }
    }

    pub(super) fn index(&self) -> Result<&Arc<dyn SessionIndex>, IdentityError> {
        self.index.as_ref().ok_or(IdentityError::misconfigured(
            "these sessions have no index of users; give them one with `with_index`",
        ))
    }

    /// Ends sessions from outside, whatever their own requests are about to do.
    pub(super) async fn end_entries(
        &self,
        user: &str,
        entries: &[SessionEntry],
    ) -> Result<(), IdentityError> {
        let index = self.index()?;
        let mut failure = None;
        for ids in entries.iter().filter_map(SessionEntry::ids) {
            for id in [ids.core, ids.values] {
                if let Err(error) = self.call(self.store.delete(&id)).await {
                    failure = Some(error);
                }
            }
        }
        // Where a record remains its entry does, so that another try finds it.
        if let Some(error) = failure {
            return Err(error);
        }
        for entry in entries {
            self.call(index.remove(user, entry.id())).await?;
        }
        // A log-in looks for its entry after it has written its core. One that still found it has written before now.
        for ids in entries.iter().filter_map(SessionEntry::ids) {
            self.call(self.store.delete(&ids.core)).await?;
        }
        Ok(())
    }
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

/// Ends a new session unless it is disarmed: its cookie has reached nobody.
pub(super) struct Guard(Option<(Backend, Held)>);

impl Guard {
    const fn new(backend: Backend, held: Held) -> Self {
        Self(Some((backend, held)))
    }

    fn disarm(&mut self) {
        self.0 = None;
    }

    /// Leaves it to somebody else to end the session, who gets the means.
    pub(super) fn pass_on(mut self) -> impl FnOnce() + Send + Sync + 'static {
        let means = self.0.take();
        move || drop(Self(means))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some((backend, held)) = self.0.take() else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            for again in 1..=UNDO_TRIES {
                match backend.end(&held).await {
                    Ok(()) => return,
                    Err(error) => events::failed("undo log-in", &error),
                }
                tokio::time::sleep(backend.deadline.saturating_mul(again)).await;
            }
        });
    }
}
