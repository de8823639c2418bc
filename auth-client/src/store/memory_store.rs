//! Stores tokens in memory: [`MemoryStore`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use super::{StoreKey, StoreLock, TokenStore};
use crate::{Error, Token};

/// Stores tokens for the lifetime of the program, for several authorizers that share one. Clones share their
/// tokens.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    tokens: Arc<Mutex<HashMap<StoreKey, Token>>>,
    locks: Arc<Mutex<HashMap<StoreKey, Arc<tokio::sync::Mutex<()>>>>>,
}

impl MemoryStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

fn hold<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A poisoned lock is usable: no code in here panics half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl TokenStore for MemoryStore {
    async fn lock(&self, key: &StoreKey) -> Result<StoreLock, Error> {
        let lock = Arc::clone(hold(&self.locks).entry(key.clone()).or_default());
        Ok(StoreLock::new(lock.lock_owned().await))
    }

    async fn load(&self, key: &StoreKey) -> Result<Option<Token>, Error> {
        Ok(hold(&self.tokens).get(key).cloned())
    }

    async fn save(&self, key: &StoreKey, token: &Token) -> Result<(), Error> {
        hold(&self.tokens).insert(key.clone(), token.clone());
        Ok(())
    }

    async fn remove(&self, key: &StoreKey) -> Result<(), Error> {
        hold(&self.tokens).remove(key);
        Ok(())
    }
}
