//! What was used, in the memory of one process.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{ReplayCache, TokenUse};
use crate::{BoxError, clock::UnixTime};

/// How many tokens there may be, if nothing else is said.
const DEFAULT_CAPACITY: usize = 1_000_000;

/// Remembers in memory which tokens were used: for one process, and until it ends. Clones share what they remember.
///
/// A token is forgotten five minutes after it has expired. When there is no room for another one, that one is refused
/// with 503; none is forgotten to make room.
///
/// # Security
///
/// A process that is started again has forgotten everything, and a second process knows nothing of the first: then a
/// token is good once more. Take `RedisReplayCache` where that matters, or keys that end with the process.
#[derive(Clone)]
pub struct MemoryReplayCache {
    used: Arc<Mutex<Used>>,
    capacity: usize,
}

/// The same tokens twice, so that those that expire first are found without a look at the others.
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
    /// Makes an empty cache for a million tokens at most.
    #[must_use]
    pub fn new() -> Self {
        Self { used: Arc::default(), capacity: DEFAULT_CAPACITY }
    }

    /// Sets how many tokens may be remembered at a time. The default is 1,000,000; each takes 300 bytes at most.
    #[must_use]
    pub const fn with_capacity(mut self, tokens: usize) -> Self {
        self.capacity = tokens;
        self
    }

    /// Returns how many tokens are remembered, those included that have expired since the last use of any.
    #[must_use]
    pub fn len(&self) -> usize {
        self.used().tokens.len()
    }

    /// Returns whether no token is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A panic while the lock is held is one for want of memory; what was remembered is remembered then.
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
}
