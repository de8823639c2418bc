//! Stores refresh tokens in memory: [`MemoryRefreshStore`].

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{FamilyId, RefreshFamily, RefreshStore, TokenHash};
use auth_identity::{BoxError, clock::UnixTime};

/// The default maximum number of families.
const DEFAULT_CAPACITY: usize = 1_000_000;

/// The default maximum number of families of a subject.
const DEFAULT_PER_SUBJECT: usize = 100;

/// Stores refresh token families in memory, for one process and until it ends.
///
/// A subject has at most 100 families, so that one user does not fill the store: a further one ends the
/// family that was unused for the longest time. If the store is full, expired families are dropped. If none
/// has expired, a new one is rejected, and no user is logged out to make room for another.
pub struct MemoryRefreshStore {
    kept: Mutex<Kept>,
    capacity: usize,
    per_subject: usize,
}

#[derive(Default)]
struct Kept {
    families: HashMap<FamilyId, RefreshFamily>,
    subjects: HashMap<String, BTreeSet<FamilyId>>,
}

impl Kept {
    fn take(&mut self, id: &FamilyId) {
        let Some(family) = self.families.remove(id) else { return };
        let subject = family.grant.subject();
        if let Some(ids) = self.subjects.get_mut(subject) {
            ids.remove(id);
            if ids.is_empty() {
                self.subjects.remove(subject);
            }
        }
    }

    /// Drops expired families.
    fn drop_expired(&mut self, now: UnixTime) {
        let is_expired = |family: &RefreshFamily| now >= family.expires || now >= family.idle_until;
        let expired: Vec<FamilyId> =
            self.families.iter().filter(|(_, family)| is_expired(family)).map(|(id, _)| *id).collect();
        for id in expired {
            self.take(&id);
        }
    }

    /// Ends families of the subject until there are fewer than this, least recently used first.
    fn make_room(&mut self, subject: &str, families: usize) {
        while let Some(ids) = self.subjects.get(subject).filter(|ids| ids.len() >= families.max(1)) {
            let used = |id: &&FamilyId| self.families.get(*id).map(|family| (family.rotated, **id));
            let Some(oldest) = ids.iter().min_by_key(used).copied() else { return };
            self.take(&oldest);
        }
    }
}

impl MemoryRefreshStore {
    /// Creates an empty store for at most a million families.
    #[must_use]
    pub fn new() -> Self {
        Self { kept: Mutex::default(), capacity: DEFAULT_CAPACITY, per_subject: DEFAULT_PER_SUBJECT }
    }

    /// Sets the maximum number of families. The default is 1,000,000.
    #[must_use]
    pub const fn with_capacity(mut self, families: usize) -> Self {
        self.capacity = families;
        self
    }

    /// Sets the maximum number of families of a subject, at least one. The default is 100.
    #[must_use]
    pub const fn with_max_per_subject(mut self, families: usize) -> Self {
        self.per_subject = families;
        self
    }

    /// Returns the number of families, including expired ones that have not been dropped yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept().families.len()
    }

    /// Returns whether there is no family.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A poisoned lock is usable: a panic leaves nothing half done.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryRefreshStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryRefreshStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRefreshStore")
            .field("families", &self.len())
            .field("capacity", &self.capacity)
            .field("per_subject", &self.per_subject)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl RefreshStore for MemoryRefreshStore {
    async fn insert(&self, id: FamilyId, family: RefreshFamily) -> Result<(), BoxError> {
        let mut kept = self.kept();
        kept.make_room(family.grant.subject(), self.per_subject);
        if kept.families.len() >= self.capacity {
            // The new family was started now.
            kept.drop_expired(family.rotated);
        }
        if kept.families.len() >= self.capacity {
            return Err("the store of refresh tokens is full".into());
        }
        kept.subjects.entry(family.grant.subject().to_owned()).or_default().insert(id);
        kept.families.insert(id, family);
        Ok(())
    }

    async fn load(&self, id: &FamilyId) -> Result<Option<RefreshFamily>, BoxError> {
        Ok(self.kept().families.get(id).cloned())
    }

    async fn replace(
        &self,
        id: &FamilyId,
        current: &TokenHash,
        next: RefreshFamily,
    ) -> Result<bool, BoxError> {
        let mut kept = self.kept();
        let found = kept.families.get_mut(id).filter(|family| family.current.is(current));
        Ok(found.map(|family| *family = next).is_some())
    }

    async fn remove(&self, id: &FamilyId) -> Result<(), BoxError> {
        self.kept().take(id);
        Ok(())
    }

    async fn remove_subject(&self, subject: &str) -> Result<(), BoxError> {
        let mut kept = self.kept();
        for id in kept.subjects.remove(subject).unwrap_or_default() {
            kept.families.remove(&id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Grant, RefreshErrorKind, RefreshTokens},
        *,
    };
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    /// Returns a clock that a test sets, in seconds.
    fn clock(seconds: &Arc<AtomicU64>) -> impl auth_identity::clock::Clock {
        let seconds = Arc::clone(seconds);
        move || UnixTime::from_secs(seconds.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn one_user_does_not_fill_the_store() {
        let seconds = Arc::new(AtomicU64::new(1_000));
        let store = MemoryRefreshStore::new().with_capacity(5).with_max_per_subject(3);
        let tokens = RefreshTokens::new(store).with_clock(clock(&seconds));
        let grant = |subject: &str| Grant::new(subject, "https://api.example").unwrap();
        let mut mallory = Vec::new();
        for _ in 0..3 {
            mallory.push(tokens.start(grant("mallory")).await.unwrap());
            seconds.fetch_add(1, Ordering::SeqCst);
        }
        // Recently used families are kept.
        let used = tokens.refresh(mallory[0].as_str(), None).await.unwrap();
        seconds.fetch_add(1, Ordering::SeqCst);
        for _ in 0..2 {
            mallory.push(tokens.start(grant("mallory")).await.unwrap());
        }
        for gone in [1, 2] {
            let error = tokens.refresh(mallory[gone].as_str(), None).await.unwrap_err();
            assert_eq!(error.kind(), RefreshErrorKind::Invalid);
        }
        assert!(tokens.refresh(used.token().unwrap().as_str(), None).await.is_ok());
        for name in ["bob", "carol"] {
            assert!(tokens.start(grant(name)).await.is_ok(), "{name}");
        }
        let error = tokens.start(grant("dave")).await.unwrap_err();
        assert_eq!(error.kind(), RefreshErrorKind::Unavailable);
        assert!(
            tokens.start(grant("bob")).await.is_err(),
            "nor is another one of a user who is below the number"
        );
        assert!(tokens.start(grant("mallory")).await.is_ok(), "in the place of one of their own");
    }

    #[tokio::test]
    async fn what_has_ended_does_not_count() {
        let store = MemoryRefreshStore::new().with_max_per_subject(2);
        let tokens = RefreshTokens::new(store).with_clock(|| UnixTime::from_secs(1_000));
        let start = async || tokens.start(Grant::new("alice", "https://api.example").unwrap()).await.unwrap();
        let (first, second) = (start().await, start().await);
        tokens.revoke(first.as_str()).await.unwrap();
        tokens.revoke(first.as_str()).await.unwrap();
        let third = start().await;
        let second = tokens.refresh(second.as_str(), None).await.unwrap();
        let third = tokens.refresh(third.as_str(), None).await.unwrap();
        tokens.revoke_subject("alice").await.unwrap();
        for ended in [second, third] {
            assert!(tokens.refresh(ended.token().unwrap().as_str(), None).await.is_err());
        }
        for token in [start().await, start().await] {
            assert!(tokens.refresh(token.as_str(), None).await.is_ok());
        }
    }
}
