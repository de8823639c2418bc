//! Keeps records and index entries in memory, in the order of their expiry: [`KeptRecords`].

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{BuildHasherDefault, Hasher},
    sync::{Arc, OnceLock},
};

use auth_identity::clock::UnixTime;
use time::OffsetDateTime;
use tower_sessions_core::session::{Id, Record};

use crate::session::{
    SessionEntry,
    derived_ids::DerivedIds,
    loaded_session::LoadedSession,
    stored_records::{SecretStatus, SessionData, SessionIdentityRecord},
};

const ANOTHER_KIND: &str = "a record of another kind";

#[derive(Default)]
pub(super) struct KeptRecords {
    pub(super) records: HashMap<Id, Written, BuildHasherDefault<NameHasher>>,
    /// The records of a session, grouped by the one that expires first: its data
    pub(super) parts: HashMap<Id, (Id, Id), BuildHasherDefault<NameHasher>>,
    /// The ids in order of expiry
    pub(super) expiries: BTreeSet<(OffsetDateTime, i128)>,
    pub(super) users: HashMap<String, BTreeMap<String, SessionEntry>>,
    /// The index entries in order of expiry
    pub(super) ends: BTreeSet<(UnixTime, String, String)>,
}

/// Uses names as their own hashes: they are random, and clients cannot choose existing ones.
#[derive(Default)]
pub(super) struct NameHasher(u64);

impl Hasher for NameHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_i128(&mut self, name: i128) {
        let bytes = name.to_le_bytes();
        self.0 = bytes.first_chunk().copied().map_or(0, u64::from_le_bytes);
    }
}

/// A record and its parsed form, so that it is parsed once and not copied.
pub(super) struct Written {
    pub(super) record: Record,
    read: OnceLock<Read>,
}

#[derive(Clone)]
enum Read {
    SessionIdentityRecord(Arc<SessionIdentityRecord>),
    /// Whether the secret is the present one, and the immutable names of the session
    SecretStatus(SecretStatus, Arc<DerivedIds>),
    /// The session with these data
    SessionData(Arc<LoadedSession>),
}

/// The parsed parts of a session.
#[derive(Default)]
pub(in crate::session) struct Found {
    pub(in crate::session) status: Option<Result<SecretStatus, &'static str>>,
    pub(in crate::session) live: Option<Result<Arc<LoadedSession>, &'static str>>,
}

impl Written {
    fn read_with(
        &self,
        read: impl FnOnce(Record, Id) -> Result<Read, &'static str>,
    ) -> Result<&Read, &'static str> {
        if let Some(read) = self.read.get() {
            return Ok(read);
        }
        let read = read(self.record.clone(), self.record.id)?;
        Ok(self.read.get_or_init(|| read))
    }

    fn core(&self) -> Result<&Arc<SessionIdentityRecord>, &'static str> {
        match self.read_with(|record, id| {
            SessionIdentityRecord::read(record, id).map(|core| Read::SessionIdentityRecord(Arc::new(core)))
        })? {
            Read::SessionIdentityRecord(core) => Ok(core),
            _ => Err(ANOTHER_KIND),
        }
    }

    pub(super) fn status(
        &self,
        ids: impl FnOnce() -> DerivedIds,
    ) -> Result<(SecretStatus, &DerivedIds), &'static str> {
        match self.read_with(|record, id| {
            SecretStatus::read(record, id).map(|status| Read::SecretStatus(status, Arc::new(ids())))
        })? {
            Read::SecretStatus(status, ids) => Ok((*status, ids)),
            _ => Err(ANOTHER_KIND),
        }
    }

    fn live(
        &self,
        ids: &DerivedIds,
        core: &Arc<SessionIdentityRecord>,
    ) -> Result<Arc<LoadedSession>, &'static str> {
        let live = |record, id| {
            let values = SessionData::read(record, id)?;
            Ok(Read::SessionData(Arc::new(LoadedSession::new(ids.clone(), Arc::clone(core), values))))
        };
        match self.read_with(live)? {
            Read::SessionData(live) if Arc::ptr_eq(&live.core, core) => Ok(Arc::clone(live)),
            // The identity record was replaced in the store.
            Read::SessionData(live) => {
                Ok(Arc::new(LoadedSession::new(ids.clone(), Arc::clone(core), live.values.clone())))
            }
            _ => Err(ANOTHER_KIND),
        }
    }
}

impl KeptRecords {
    pub(super) fn session(&self, ids: &DerivedIds) -> Option<Result<Arc<LoadedSession>, &'static str>> {
        let (core, values) = (self.records.get(&ids.core)?, self.records.get(&ids.values)?);
        Some(core.core().and_then(|core| values.live(ids, core)))
    }

    pub(super) fn put(&mut self, record: Record) {
        self.take(record.id);
        self.expiries.insert((record.expiry_date, record.id.0));
        self.records.insert(record.id, Written { record, read: OnceLock::new() });
    }

    pub(super) fn take(&mut self, id: Id) {
        if let Some(written) = self.records.remove(&id) {
            self.expiries.remove(&(written.record.expiry_date, id.0));
        }
    }

    /// Drops the other records of a session whose data are gone, except for marks of replaced values.
    pub(super) fn drop_parts(&mut self, values: Id) {
        let Some((core, status_id)) = self.parts.remove(&values) else { return };
        self.take(core);
        if self
            .records
            .get(&status_id)
            .is_some_and(|written| SecretStatus::is_current_record(&written.record))
        {
            self.take(status_id);
        }
    }

    pub(super) fn drop_entry(&mut self, user: &str, id: &str) -> Option<SessionEntry> {
        let entries = self.users.get_mut(user)?;
        let entry = entries.remove(id);
        if entries.is_empty() {
            self.users.remove(user);
        }
        entry
    }
}
