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
    record::{Core, Door, Values},
    secret::{Ids, Names, Secret},
};
use crate::{
    BoxError,
    clock::UnixTime,
    events,
    identity::{Data, IdentityError},
};

/// How many sessions of one process can be changed at once: one for each first byte of a name.
const GATES: usize = 256;
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
    pub(super) core: Arc<Core>,
    pub(super) values: Values,
}

/// The store has to be waited for.
pub(super) struct Elsewhere;

/// What is enough to end a session, or one value of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Held {
    pub(super) ids: Ids,
    pub(super) door: Id,
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

    pub(super) fn held(&self, live: &Live, secret: &Secret) -> Held {
        let user = live.core.identity().map(|identity| self.names.user(identity));
        Held { ids: live.ids.clone(), door: self.names.door(secret), user }
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

    /// Reads the session that a cookie names, and says whether the cookie's value is its present one.
    pub(super) async fn enter(
        &self,
        secret: &Secret,
        now: UnixTime,
    ) -> Result<Option<(Live, bool)>, IdentityError> {
        if let Ok(found) = self.enter_now(secret, now) {
            return Ok(found);
        }
        let ids = self.names.ids(secret);
        let (door, live) = tokio::join!(self.load(self.names.door(secret), Door::read), self.open(&ids, now));
        Ok(told(live?, door?.is_some()))
    }

    /// Answers like [`enter`](Self::enter) but at once, where the sessions are in this process.
    pub(super) fn enter_now(
        &self,
        secret: &Secret,
        now: UnixTime,
    ) -> Result<Option<(Live, bool)>, Elsewhere> {
        let memory = self.memory.as_ref().ok_or(Elsewhere)?;
        let ids = self.names.ids(secret);
        let found = memory.session(&ids, self.names.door(secret));
        let parts = read(found.core).zip(read(found.values));
        let live = parts.and_then(|(core, values)| valid(Live { ids, core, values }, now));
        Ok(told(live, read(found.door).is_some()))
    }

    /// Reads a session; nothing when there is none, or none that is valid now.
    pub(super) async fn open(&self, ids: &Ids, now: UnixTime) -> Result<Option<Live>, IdentityError> {
        let (core, values) =
            tokio::join!(self.load(ids.core, Core::read), self.load(ids.values, Values::read));
        let (Some(core), Some(values)) = (core?, values?) else { return Ok(None) };
        Ok(valid(Live { ids: ids.clone(), core: Arc::new(core), values }, now))
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
        Ok(self::read(Some(read(record, id))))
    }

    /// Begins a session. Until its guard is told otherwise, it ends again when the guard goes.
    pub(super) async fn begin(
        &self,
        core: Arc<Core>,
        now: UnixTime,
        data: impl Fn(&Core, &Ids) -> Result<Data, IdentityError> + Send,
    ) -> Result<(Secret, Live, Guard), IdentityError> {
        if let Some(memory) = &self.memory {
            memory.sweep(now);
            if core.identity().is_none() && !memory.has_room_for_nobody() {
                return Err(IdentityError::unavailable("no room for another session of nobody"));
            }
        }
        for _ in 0..SECRETS {
            let secret = Secret::random()?;
            let ids = self.names.ids(&secret);
            let values = Values { seen: now, data: Arc::new(data(&core, &ids)?) };
            let live = Live { ids, core: Arc::clone(&core), values };
            if let Some(guard) = self.write_new(&live, &secret).await? {
                return Ok((secret, live, guard));
            }
        }
        Err(IdentityError::unavailable("the store of sessions has every name already"))
    }

    /// Writes a new session, or nothing when one of its names is taken.
    async fn write_new(&self, live: &Live, secret: &Secret) -> Result<Option<Guard>, IdentityError> {
        let (ids, held) = (&live.ids, self.held(live, secret));
        let mut guard = Guard::new(self.clone(), held.clone());
        // In this order, so that whoever ends all sessions of a user finds each that is valid.
        if let (Some(index), Some(user)) = (&self.index, &held.user) {
            let (created, expires) = (live.core.created(), live.core.expires());
            let entry = SessionEntry::new(ids.public.clone(), ids.records(), created, expires);
            self.call(index.add(user, &entry)).await?;
        }
        let records = [
            (ids.values, live.values.record(ids.values, &live.core)),
            (held.door, Door::record(held.door, &live.core)),
            (ids.core, live.core.record(ids.core)),
        ];
        let mut written = Vec::new();
        for (id, record) in records {
            if !self.create(record).await? {
                // The name belongs to somebody else's session, which the guard must not end.
                guard.disarm();
                for id in &written {
                    self.call(self.store.delete(id)).await?;
                }
                self.remove_entry(&held).await;
                return Ok(None);
            }
            written.push(id);
        }
        Ok(Some(guard))
    }

    /// Gives a session another value, and takes the one that it had.
    pub(super) async fn rotate(
        &self,
        live: &Live,
        secret: &Secret,
    ) -> Result<(Secret, Guard), IdentityError> {
        let rotated = secret.rotated()?;
        let (old, new) = (self.names.door(secret), self.held(live, &rotated));
        let mut guard = Guard::new_door(self.clone(), new.clone());
        if !self.create(Door::record(new.door, &live.core)).await? {
            guard.disarm();
            return Err(IdentityError::unavailable("the store of sessions has this name already"));
        }
        self.call(self.store.delete(&old)).await?;
        // From here on the session has no other value.
        guard.disarm();
        Ok((rotated, Guard::new(self.clone(), new)))
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

    #[expect(clippy::indexing_slicing, reason = "there is a gate for every byte")]
    fn gate(&self, id: Id) -> &Mutex<()> {
        let [first, ..] = id.0.to_le_bytes();
        &self.gates[usize::from(first)]
    }

    /// Ends a session: once its core is deleted nothing brings it back. What else there is of it is worth nothing.
    pub(super) async fn end(&self, held: &Held) -> Result<(), IdentityError> {
        self.call(self.store.delete(&held.ids.core)).await?;
        for id in [held.ids.values, held.door] {
            if let Err(error) = self.call(self.store.delete(&id)).await {
                events::failed("end session", &error);
            }
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

/// What is left of a record that was found.
fn read<T>(found: Option<Result<T, &'static str>>) -> Option<T> {
    found?.inspect_err(|reason| events::session_record_refused(reason)).ok()
}

/// The session, if it is within both limits.
fn valid(live: Live, now: UnixTime) -> Option<Live> {
    if now >= live.core.expires() {
        events::session_refused("absolute limit");
        return None;
    }
    if now.since(live.values.seen) >= live.core.idle() {
        events::session_refused("idle limit");
        return None;
    }
    Some(live)
}

fn told(live: Option<Live>, is_open: bool) -> Option<(Live, bool)> {
    if live.is_some() && !is_open {
        events::session_refused("earlier value");
    }
    live.map(|live| (live, is_open))
}

/// Ends a new session, or a new value of one, unless it is disarmed: its cookie has reached nobody.
pub(super) struct Guard(Option<(Backend, Undo)>);

enum Undo {
    Door(Held),
    Session(Held),
}

impl Guard {
    const fn new(backend: Backend, held: Held) -> Self {
        Self(Some((backend, Undo::Session(held))))
    }

    const fn new_door(backend: Backend, held: Held) -> Self {
        Self(Some((backend, Undo::Door(held))))
    }

    pub(super) fn disarm(&mut self) {
        self.0 = None;
    }

    /// Leaves it to somebody else to end the session, who gets the means.
    pub(super) fn pass_on(mut self) -> impl FnOnce() + Send + Sync + 'static {
        let means = self.0.take();
        move || {
            if let Some((backend, undo)) = means {
                undo_later(backend, undo);
            }
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some((backend, undo)) = self.0.take() {
            undo_later(backend, undo);
        }
    }
}

fn undo_later(backend: Backend, undo: Undo) {
    let Ok(runtime) = Handle::try_current() else { return };
    runtime.spawn(async move {
        for again in 1..=UNDO_TRIES {
            let undone = match &undo {
                Undo::Door(held) => backend.call(backend.store.delete(&held.door)).await,
                Undo::Session(held) => backend.end(held).await,
            };
            match undone {
                Ok(()) => return,
                Err(error) => events::failed("undo log-in", &error),
            }
            tokio::time::sleep(backend.deadline.saturating_mul(again)).await;
        }
    });
}
