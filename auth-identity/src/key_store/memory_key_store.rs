//! Stores keys in memory, for tests and for one process: [`MemoryKeyStore`].

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{KeyStore, StoredKeys};
use crate::BoxError;

/// Stores shared keys in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryKeyStore(Arc<Mutex<Option<StoredKeys>>>);

impl MemoryKeyStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl KeyStore for MemoryKeyStore {
    async fn load(&self) -> Result<Option<StoredKeys>, BoxError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn replace(&self, expected: Option<u64>, keys: &StoredKeys) -> Result<bool, BoxError> {
        let mut stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_expected = stored.as_ref().map(StoredKeys::revision) == expected;
        if is_expected {
            *stored = Some(keys.clone());
        }
        Ok(is_expected)
    }
}
