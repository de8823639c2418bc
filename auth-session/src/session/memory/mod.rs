//! Stores sessions in memory: [`MemorySessions`].

mod kept_records;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use async_trait::async_trait;
use time::OffsetDateTime;
use tower_sessions_core::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use super::{SessionEntry, SessionIndex, derived_ids::DerivedIds};
use auth_identity::{BoxError, clock::UnixTime, identity::CredentialId};
pub(super) use kept_records::Found;
use kept_records::KeptRecords;

/// The default capacity in records; a session has three.
const CAPACITY: usize = 1_000_000;

/// Stores sessions in the memory of this process: they end with it, and other instances do not see them.
///
/// Expired sessions are dropped as soon as another session begins or changes. Clones share their sessions.
///
/// # Example
///
/// ```
/// use auth_runtime::{SessionIdentity, identity::session::MemorySessions};
///
/// let memory = MemorySessions::new().with_capacity(20_000);
/// let policy = SessionIdentity::in_memory(memory.clone());
/// assert_eq!(memory.len(), 0);
/// # let _ = policy;
/// ```
#[derive(Clone)]
pub struct MemorySessions {
    kept: Arc<RwLock<KeptRecords>>,
    capacity: usize,
}

impl Default for MemorySessions {
    fn default() -> Self {
        Self { kept: Arc::default(), capacity: CAPACITY }
    }
}

impl MemorySessions {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the capacity in records, three per session. The default is 1,000,000. If it is full no session
    /// can begin, and none is dropped to make room. The last quarter is reserved for users.
    #[must_use]
    pub const fn with_capacity(mut self, records: usize) -> Self {
        self.capacity = records;
        self
    }

    /// Returns the number of records, three per session.
    #[must_use]
    pub fn len(&self) -> usize {
        self.look().records.len()
    }

    /// Returns whether there are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Finds a session without waiting or copying. `ids` returns its names if the secret's record does not
    /// have them.
    pub(super) fn enter(&self, status_id: Id, ids: impl Fn() -> DerivedIds) -> Found {
        let kept = self.look();
        let Some(written) = kept.records.get(&status_id) else {
            return Found { status: None, live: kept.session(&ids()) };
        };
        match written.status(&ids) {
            Ok((status, ids)) => Found { status: Some(Ok(status)), live: kept.session(ids) },
            Err(reason) => Found { status: Some(Err(reason)), live: kept.session(&ids()) },
        }
    }

    /// Drops expired records.
    pub(super) fn sweep(&self, now: UnixTime) {
        let date = i64::try_from(now.as_secs()).ok();
        let Some(date) = date.and_then(|now| OffsetDateTime::from_unix_timestamp(now).ok()) else { return };
        let mut kept = self.lock();
        while let Some((expiry, id)) = kept.expiries.first().copied()
            && expiry <= date
        {
            kept.expiries.pop_first();
            kept.records.remove(&Id(id));
            kept.drop_parts(Id(id));
        }
        while kept.ends.first().is_some_and(|(end, _, _)| *end <= now) {
            if let Some((_, user, id)) = kept.ends.pop_first() {
                kept.drop_entry(&user, &id);
            }
        }
    }

    /// Groups the records of a session, so that none is left when it ends.
    pub(super) fn note_parts(&self, values: Id, core: Id, status_id: Id) {
        let mut kept = self.lock();
        if kept.records.contains_key(&values) {
            kept.parts.insert(values, (core, status_id));
        }
    }

    /// Returns whether there is room for an anonymous session. The last quarter is reserved for users, so
    /// that anonymous clients cannot prevent log-ins (denial of service).
    pub(super) fn is_full_of_users(&self) -> bool {
        self.len() < self.capacity.saturating_sub(self.capacity.div_ceil(4))
    }

    /// A poisoned lock is usable: every change is complete before the lock is released.
    fn lock(&self) -> RwLockWriteGuard<'_, KeptRecords> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self) -> RwLockReadGuard<'_, KeptRecords> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemorySessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySessions").field("records", &self.len()).finish_non_exhaustive()
    }
}

#[async_trait]
impl SessionStore for MemorySessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let mut kept = self.lock();
        if kept.records.len() >= self.capacity {
            return Err(session_store::Error::Backend("no room for another session".to_owned()));
        }
        while kept.records.contains_key(&record.id) {
            record.id = Id::default();
        }
        kept.put(record.clone());
        Ok(())
    }

    /// Changes an existing record.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let mut kept = self.lock();
        if kept.records.contains_key(&record.id) {
            kept.put(record.clone());
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        Ok(self.look().records.get(id).map(|written| written.record.clone()))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let mut kept = self.lock();
        kept.take(*id);
        kept.drop_parts(*id);
        Ok(())
    }
}

#[async_trait]
impl SessionIndex for MemorySessions {
    async fn add(&self, user: &str, entry: &SessionEntry) -> Result<(), BoxError> {
        let mut kept = self.lock();
        let id = entry.id().as_str().to_owned();
        kept.ends.insert((entry.expires(), user.to_owned(), id.clone()));
        kept.users.entry(user.to_owned()).or_default().insert(id, entry.clone());
        Ok(())
    }

    async fn remove(&self, user: &str, id: &CredentialId) -> Result<(), BoxError> {
        let mut kept = self.lock();
        if let Some(entry) = kept.drop_entry(user, id.as_str()) {
            kept.ends.remove(&(entry.expires(), user.to_owned(), id.as_str().to_owned()));
        }
        Ok(())
    }

    async fn list(&self, user: &str) -> Result<Vec<SessionEntry>, BoxError> {
        Ok(self.look().users.get(user).map_or_else(Vec::new, |entries| entries.values().cloned().collect()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        super::{SessionIdentity, stored_records::SessionIdentityRecord},
        *,
    };
    use auth_identity::{
        Identity,
        identity::{Data, DataEdits},
    };

    #[tokio::test]
    async fn what_was_read_once_is_read_again_when_it_was_written_anew() {
        let policy = SessionIdentity::memory();
        let (backend, now) = (&policy.backend, UnixTime::from_secs(10));
        let core = |name| {
            let identity = Identity::new(name).unwrap();
            SessionIdentityRecord::new(
                Some(&identity),
                now,
                UnixTime::from_secs(1_000),
                Duration::from_secs(100),
            )
        };
        let begun = backend.begin(Arc::new(core("alice")), now, |_, _| Ok(Data::default())).await;
        let (secret, live, mut guard) = begun.unwrap();
        guard.disarm();
        let visit = |secret| backend.enter(secret, now).now().unwrap().unwrap();
        let enter = |secret| visit(secret).live.unwrap();
        let (first, second) = (enter(&secret), enter(&secret));
        assert!(visit(&secret).is_open && Arc::ptr_eq(&first, &second), "read once");

        let edits = DataEdits::new().set("theme", "dark".to_owned());
        let edited = backend.edit(&live, now, |values| {
            Arc::make_mut(&mut values.data).edit(&edits);
            Ok(())
        });
        edited.await.unwrap().unwrap();
        assert_eq!(enter(&secret).values.data.get("theme"), Some("dark"));
        assert_eq!(first.values.data.get("theme"), None);

        let (rotated, mut guard) = backend.rotate(&live, &secret, now).await.unwrap();
        guard.disarm();
        let (old, new) = (visit(&secret), visit(&rotated));
        assert!(!old.is_open && old.is_replaced && new.is_open && !new.is_replaced);
        assert_eq!(enter(&secret).ids, enter(&rotated).ids);

        backend.store.delete(&live.ids.core).await.unwrap();
        assert!(visit(&secret).live.is_none() && visit(&rotated).live.is_none());
        backend.store.create(&mut core("bob").record(live.ids.core).unwrap()).await.unwrap();
        let identity = enter(&rotated).core.identity().cloned();
        assert_eq!(identity, Identity::new("bob").ok());
    }

    #[tokio::test]
    async fn what_has_expired_is_dropped_and_nothing_else() {
        let memory = MemorySessions::new().with_capacity(3);
        for at in 1..=3 {
            let expiry_date = OffsetDateTime::UNIX_EPOCH + Duration::from_secs(at);
            let mut record = Record { id: Id(i128::from(at)), data: [].into(), expiry_date };
            memory.create(&mut record).await.unwrap();
            let id = CredentialId::new(at.to_string()).unwrap();
            memory
                .add("alice", &SessionEntry::new(id, "", UnixTime::default(), UnixTime::from_secs(at)))
                .await
                .unwrap();
        }
        let mut fourth = Record { id: Id(4), data: [].into(), expiry_date: OffsetDateTime::UNIX_EPOCH };
        assert!(memory.create(&mut fourth).await.is_err(), "it is full");
        memory.sweep(UnixTime::from_secs(2));
        assert!(memory.load(&Id(2)).await.unwrap().is_none() && memory.load(&Id(3)).await.unwrap().is_some());
        assert_eq!(memory.list("alice").await.unwrap().len(), 1);
        memory.sweep(UnixTime::from_secs(3));
        assert!(memory.is_empty() && memory.list("alice").await.unwrap().is_empty());
        let kept = memory.lock();
        assert!(kept.expiries.is_empty() && kept.users.is_empty() && kept.ends.is_empty());
    }
}
