//! Defines the extension point for counters of attempts: the trait [`ThrottleStore`].

use std::{fmt, time::Duration};

use super::Limit;
use crate::{BoxError, answer_future::Answer, clock::UnixTime, keys::digest::sha256};

/// Counts attempts.
///
/// [`MemoryThrottle`](super::MemoryThrottle) is for one process, `RedisThrottle` (with the feature `redis`) for any
/// number of instances.
pub trait ThrottleStore: Send + Sync + 'static {
    /// Adds one to each counter, unless one of them has reached its limit: then none is changed. Returns how the
    /// counters stood before.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable; the request gets 503 (fail closed).
    ///
    /// # Security
    ///
    /// Of any number of calls at the same time, no more may be counted without a pause than the limits allow.
    fn take<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<Standing, BoxError>>;

    /// Returns how the counters stand, and changes none.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take).
    fn look<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<Standing, BoxError>>;

    /// Records a success: a rate gets its use back, and a series of failures ends.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take).
    fn succeed<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<(), BoxError>>;
}

/// A counter: what it counts, and its limit.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Counter {
    key: ThrottleKey,
    limit: Limit,
    owner: Option<ThrottleKey>,
}

impl Counter {
    /// Creates a counter.
    #[must_use]
    pub const fn new(key: ThrottleKey, limit: Limit) -> Self {
        Self { key, limit, owner: None }
    }

    /// Sets what the counter belongs to, such as a client. Of counters with [delays](Limit::delays) a store keeps at most
    /// [`MAX_OF_ONE_OWNER`](Self::MAX_OF_ONE_OWNER) of each owner: an attacker then displaces counters of their own, and
    /// none of others.
    ///
    /// One with few failures gives way to another, and one whose pause is not over to none: the new one is then not
    /// counted.
    #[must_use]
    pub const fn of_owner(mut self, owner: ThrottleKey) -> Self {
        self.owner = Some(owner);
        self
    }

    /// The number of counters with delays that a store keeps of one owner.
    pub const MAX_OF_ONE_OWNER: usize = 16;

    /// Returns what it belongs to, if anything.
    #[must_use]
    pub const fn owner(&self) -> Option<ThrottleKey> {
        self.owner
    }

    /// Returns what it counts.
    #[must_use]
    pub const fn key(&self) -> ThrottleKey {
        self.key
    }

    /// Returns its limit.
    pub const fn limit(&self) -> Limit {
        self.limit
    }
}

/// What a counter counts, such as an account and a client: a hash of both, so a store learns neither names nor
/// addresses as text.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct ThrottleKey([u8; 32]);

impl ThrottleKey {
    /// Creates the key of these parts. Different parts have different keys.
    #[must_use]
    pub fn new(parts: &[&[u8]]) -> Self {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        Self(sha256(&[&bytes]))
    }
}

impl fmt::Display for ThrottleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ThrottleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How counters stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct Standing {
    wait: Duration,
    is_used: bool,
    left: u32,
}

impl Standing {
    /// How counters stand that limit nothing.
    pub(super) const UNLIMITED: Self = Self { wait: Duration::ZERO, is_used: false, left: u32::MAX };

    /// Creates one: how long the next attempt has to wait, whether any counter is not at zero, and how many attempts may
    /// begin now.
    pub const fn new(wait: Duration, is_used: bool, left: u32) -> Self {
        Self { wait, is_used, left }
    }

    /// Returns how long the next attempt has to wait; zero if it is allowed at once.
    #[must_use]
    pub const fn wait(&self) -> Duration {
        self.wait
    }

    /// Returns whether any counter is not at zero.
    #[must_use]
    pub const fn is_used(&self) -> bool {
        self.is_used
    }

    /// Returns how many attempts may begin now. So many credentials are verified at the same time.
    #[must_use]
    pub const fn left(&self) -> u32 {
        self.left
    }

    /// Returns the stricter of two.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            wait: self.wait.max(other.wait),
            is_used: self.is_used || other.is_used,
            left: self.left.min(other.left),
        }
    }
}
