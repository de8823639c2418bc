//! Holds the entries of a denylist in memory, sharded so that readers rarely wait: [`DenylistTable`].

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    sync::{
        PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    RevocationFull, RevocationStatus,
    denylist_entry_count::{DenylistCapacity, Kind},
    denylist_limits::Limits,
};
use crate::{
    clock::UnixTime,
    identity::{CredentialId, UserId},
};

/// Epochs and credentials. Of two times for one entry the later one counts.
pub(super) struct DenylistTable {
    hasher: RandomState,
    first: RwLock<Shard>,
    others: [RwLock<Shard>; 15],
    /// The epoch of all users; zero without one
    everybody: AtomicU64,
    /// The latest epoch of any user
    latest: AtomicU64,
    users: DenylistCapacity,
    credentials: DenylistCapacity,
    /// The second after the last pruning; zero at first
    pruned: AtomicU64,
}

#[derive(Default)]
struct Shard {
    epochs: HashMap<UserId, UnixTime>,
    credentials: HashMap<CredentialId, UnixTime>,
}

impl DenylistTable {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            first: RwLock::default(),
            others: std::array::from_fn(|_| RwLock::default()),
            everybody: AtomicU64::new(0),
            latest: AtomicU64::new(0),
            users: DenylistCapacity::new(Kind::User),
            credentials: DenylistCapacity::new(Kind::Credential),
            pruned: AtomicU64::new(0),
        }
    }

    fn shard(&self, name: &str) -> &RwLock<Shard> {
        let at = usize::try_from(self.hasher.hash_one(name) & 15).unwrap_or(0);
        self.others.get(at).unwrap_or(&self.first)
    }

    /// A poisoned lock is usable: a change is a single insertion.
    fn read(&self, name: &str) -> RwLockReadGuard<'_, Shard> {
        self.shard(name).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, name: &str) -> RwLockWriteGuard<'_, Shard> {
        self.shard(name).write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find(&self, user: &UserId, credential: Option<&CredentialId>) -> RevocationStatus {
        let everybody = self.everybody();
        let mut status = RevocationStatus::none();
        let mut own = None;
        if self.users.len() > 0 {
            own = self.read(user).epochs.get(user).copied();
        }
        if self.credentials.len() > 0 {
            let listed = credential.is_some_and(|id| self.read(id.as_str()).credentials.contains_key(id));
            status = status.with_listed(listed);
        }
        own.max(everybody).map_or(status, |epoch| status.with_epoch(epoch))
    }

    pub(super) fn everybody(&self) -> Option<UnixTime> {
        time(&self.everybody)
    }

    pub(super) fn latest(&self) -> Option<UnixTime> {
        time(&self.latest)
    }

    pub(super) fn note_everybody(&self, epoch: UnixTime) {
        self.latest.fetch_max(epoch.as_secs(), Ordering::AcqRel);
        self.everybody.fetch_max(epoch.as_secs(), Ordering::AcqRel);
    }

    pub(super) fn note_user(&self, user: &UserId, epoch: UnixTime) {
        self.latest.fetch_max(epoch.as_secs(), Ordering::AcqRel);
        let mut shard = self.write(user);
        let before = shard.epochs.len();
        let noted = shard.epochs.entry(user.clone()).or_insert(epoch);
        *noted = epoch.max(*noted);
        self.users.count(before, shard.epochs.len());
    }

    pub(super) fn note_credential(&self, id: &CredentialId, expires: UnixTime) {
        let mut shard = self.write(id.as_str());
        let before = shard.credentials.len();
        let noted = shard.credentials.entry(id.clone()).or_insert(expires);
        *noted = expires.max(*noted);
        self.credentials.count(before, shard.credentials.len());
    }

    /// Makes room for one more entry of this kind.
    pub(super) fn make_room(&self, kind: Kind, limits: Limits, now: UnixTime) -> Result<(), RevocationFull> {
        let room = match kind {
            Kind::Credential => &self.credentials,
            Kind::User => &self.users,
        };
        if room.is_scarce(limits.capacity) {
            self.prune_once(limits, now);
        }
        if room.is_full(limits.capacity) { Err(RevocationFull) } else { Ok(()) }
    }

    /// Drops expired entries if three quarters of the capacity are used.
    #[cfg(feature = "redis")]
    pub(super) fn prune_when_scarce(&self, limits: Limits, now: UnixTime) {
        if self.users.is_scarce(limits.capacity) || self.credentials.is_scarce(limits.capacity) {
            self.prune_once(limits, now);
        }
    }

    /// Drops expired entries, at most once a second, because a full list takes long to scan.
    fn prune_once(&self, limits: Limits, now: UnixTime) {
        let next = now.as_secs().saturating_add(1);
        if self.pruned.swap(next, Ordering::AcqRel) != next {
            self.prune(limits, now);
        }
    }

    /// Reports the number of entries.
    pub(super) fn report(&self, limits: Limits) {
        self.users.report(limits.capacity);
        self.credentials.report(limits.capacity);
    }

    /// Drops entries that are no longer relevant: every credential that they revoke has expired.
    pub(super) fn prune(&self, limits: Limits, now: UnixTime) {
        for shard in self.shards() {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            let (users, credentials) = (shard.epochs.len(), shard.credentials.len());
            shard.epochs.retain(|_, epoch| epoch.plus(limits.longest_lifetime) >= now);
            shard.credentials.retain(|_, expires| *expires >= now);
            self.users.count(users, shard.epochs.len());
            self.credentials.count(credentials, shard.credentials.len());
        }
    }

    fn shards(&self) -> impl Iterator<Item = &RwLock<Shard>> {
        self.others.iter().chain([&self.first])
    }

    /// Calls the functions with every epoch and every credential.
    #[cfg(feature = "redis")]
    pub(super) fn visit(
        &self,
        mut user: impl FnMut(&UserId, UnixTime),
        mut credential: impl FnMut(&CredentialId, UnixTime),
    ) {
        for shard in self.shards() {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            shard.epochs.iter().for_each(|(name, epoch)| user(name, *epoch));
            shard.credentials.iter().for_each(|(id, expires)| credential(id, *expires));
        }
    }
}

fn time(seconds: &AtomicU64) -> Option<UnixTime> {
    Some(seconds.load(Ordering::Acquire)).filter(|seconds| *seconds > 0).map(UnixTime::from_secs)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_matters_no_more_is_dropped_and_the_rest_is_kept() {
        let table = DenylistTable::new();
        let limits = Limits { capacity: 100, longest_lifetime: Duration::from_secs(50) };
        let user = |at: u64| UserId::new(format!("user {at}")).unwrap();
        let id = |at: u64| CredentialId::new(format!("id {at}")).unwrap();
        for at in 0..100 {
            table.note_user(&user(at), UnixTime::from_secs(at));
            table.note_credential(&id(at), UnixTime::from_secs(at));
        }
        // Adding an entry again with an earlier time has no effect.
        table.note_user(&user(99), UnixTime::from_secs(1));
        table.note_credential(&id(99), UnixTime::from_secs(1));
        table.note_everybody(UnixTime::from_secs(3));
        let entries = || (table.users.len(), table.credentials.len());
        assert_eq!(entries(), (100, 100));
        assert_eq!(table.make_room(Kind::User, limits, UnixTime::from_secs(99)), Ok(()));
        assert_eq!(entries(), (51, 1));
        let never = Some(UnixTime::from_secs(u64::MAX));
        for at in 0..100 {
            let status = table.find(&user(at), Some(&id(at)));
            let epoch = if at < 49 { 3 } else { at };
            assert_eq!((status.epoch(), status.revokes(never)), (Some(UnixTime::from_secs(epoch)), at == 99));
        }
        assert_eq!(table.latest(), Some(UnixTime::from_secs(99)));
        // Relevant entries are not dropped to make room.
        let small = Limits { capacity: 10, ..limits };
        assert_eq!(table.make_room(Kind::User, small, UnixTime::from_secs(99)), Err(RevocationFull));
        assert_eq!(entries(), (51, 1));
        // Credentials have their own capacity.
        assert_eq!(table.make_room(Kind::Credential, small, UnixTime::from_secs(99)), Ok(()));
        let one = Limits { capacity: 1, ..limits };
        assert_eq!(table.make_room(Kind::Credential, one, UnixTime::from_secs(99)), Err(RevocationFull));
        assert_eq!(table.make_room(Kind::Credential, one, UnixTime::from_secs(100)), Ok(()));
    }
}
