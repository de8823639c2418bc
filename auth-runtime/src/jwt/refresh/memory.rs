//! Families in the memory of one process.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{FamilyId, RefreshFamily, RefreshStore, TokenHash};
use crate::BoxError;

/// How many families there may be, if nothing else is said.
const DEFAULT_CAPACITY: usize = 1_000_000;

/// Keeps families of refresh tokens in memory: for one process, and until it ends.
///
/// When it is full, families that have expired are dropped; when none has, a new one is refused, and nobody is logged out
/// to make room.
pub struct MemoryRefreshStore {
    families: Mutex<HashMap<FamilyId, RefreshFamily>>,
    capacity: usize,
}

impl MemoryRefreshStore {
    /// Makes an empty store for a million families at most.
    #[must_use]
    pub fn new() -> Self {
        Self { families: Mutex::default(), capacity: DEFAULT_CAPACITY }
    }

    /// Sets how many families there may be. The default is 1,000,000.
    #[must_use]
    pub const fn with_capacity(mut self, families: usize) -> Self {
        self.capacity = families;
        self
    }

    /// Returns how many families there are, those included that have expired and were not dropped yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.families().len()
    }

    /// Returns whether there is no family.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Nothing is left half done by a panic while the lock is held.
    fn families(&self) -> MutexGuard<'_, HashMap<FamilyId, RefreshFamily>> {
        self.families.lock().unwrap_or_else(PoisonError::into_inner)
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
            .finish()
    }
}

#[async_trait]
impl RefreshStore for MemoryRefreshStore {
    async fn insert(&self, id: FamilyId, family: RefreshFamily) -> Result<(), BoxError> {
        let mut families = self.families();
        if families.len() >= self.capacity {
            // The new family was started now.
            let now = family.rotated;
            families.retain(|_, old| now < old.expires && now < old.idle_until);
        }
        if families.len() >= self.capacity {
            return Err("the store of refresh tokens is full".into());
        }
        families.insert(id, family);
        Ok(())
    }

    async fn load(&self, id: &FamilyId) -> Result<Option<RefreshFamily>, BoxError> {
        Ok(self.families().get(id).cloned())
    }

    async fn replace(
        &self,
        id: &FamilyId,
        current: &TokenHash,
        next: RefreshFamily,
    ) -> Result<bool, BoxError> {
        let mut families = self.families();
        let found = families.get_mut(id).filter(|family| family.current.is(current));
        Ok(found.map(|family| *family = next).is_some())
    }

    async fn remove(&self, id: &FamilyId) -> Result<(), BoxError> {
        self.families().remove(id);
        Ok(())
    }

    async fn remove_subject(&self, subject: &str) -> Result<(), BoxError> {
        self.families().retain(|_, family| family.grant.subject() != subject);
        Ok(())
    }
}
