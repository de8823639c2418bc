//! Remembers used tokens in memory: [`MemoryReplayCache`].

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{ReplayCache, TokenUse};
use auth_identity::{BoxError, clock::UnixTime};

/// The default capacity.
const DEFAULT_CAPACITY: usize = 1_000_000;

/// A replay cache in memory, for one process and until it ends. Clones share the cache.
///
/// A token is dropped five minutes after it has expired. If the cache is full, a new token gets 503; none is
/// dropped to make room.
///
/// # Security
///
/// After a restart, or in a second process, a token is accepted once more. If that matters, use
/// `RedisReplayCache`, or keys that end with the process.
#[derive(Clone)]
pub struct MemoryReplayCache {
    used: Arc<Mutex<Used>>,
    capacity: usize,
}

/// The same tokens twice, so that the first to expire are found quickly.
#[derive(Default)]
struct Used {
    tokens: HashSet<[u8; 32]>,
    ends: BTreeMap<UnixTime, Vec<[u8; 32]>>,
}

impl Used {
    fn forget_what_has_expired(&mut self, now: UnixTime) {
        while let Some(end) = self.ends.first_entry()
            && *end.key() <= now
        {
            for token in end.remove() {
                self.tokens.remove(&token);
            }
        }
    }
}

impl MemoryReplayCache {
    /// Creates an empty cache for at most a million tokens.
    #[must_use]
    pub fn new() -> Self {
        Self { used: Arc::default(), capacity: DEFAULT_CAPACITY }
    }

    /// Sets the capacity. The default is 1,000,000; each token takes at most 300 bytes.
    #[must_use]
    pub const fn with_capacity(mut self, tokens: usize) -> Self {
        self.capacity = tokens;
        self
    }

    /// Returns the number of cached tokens, including those that have expired since the last use.
    #[must_use]
    pub fn len(&self) -> usize {
        self.used().tokens.len()
    }

    /// Returns whether the cache is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A poisoned lock is usable: only an allocation can panic, after the token was added.
    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryReplayCache {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryReplayCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayCache")
            .field("tokens", &self.len())
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl ReplayCache for MemoryReplayCache {
    async fn use_once(&self, token: &TokenUse) -> Result<bool, BoxError> {
        let mut used = self.used();
        used.forget_what_has_expired(token.now());
        if used.tokens.contains(token.hash()) {
            return Ok(false);
        }
        if used.tokens.len() >= self.capacity {
            return Err(
                "the cache of used tokens is full; give it more room, or tokens a shorter life".into()
            );
        }
        used.tokens.insert(*token.hash());
        used.ends.entry(token.until()).or_default().push(*token.hash());
        Ok(true)
    }

    async fn is_used(&self, token: &TokenUse) -> Result<bool, BoxError> {
        Ok(self.used().tokens.contains(token.hash()))
    }
}
