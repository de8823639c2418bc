//! Counts invalidations per key, so that a look-up that began before an invalidation is recognized:
//! [`Generations`].

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hash},
    sync::atomic::{AtomicU64, Ordering},
};

/// The number of counters. Keys share counters: invalidating one key also refreshes its neighbours.
const NUMBERS: usize = 1024;

pub(super) struct Generations {
    hasher: RandomState,
    all: AtomicU64,
    numbers: Box<[AtomicU64]>,
}

impl Generations {
    pub(super) fn new() -> Self {
        let numbers = (0..NUMBERS).map(|_| AtomicU64::new(0)).collect();
        Self { hasher: RandomState::new(), all: AtomicU64::new(0), numbers }
    }

    fn number(&self, key: &impl Hash) -> &AtomicU64 {
        let at = self.hasher.hash_one(key) % 1024;
        usize::try_from(at).ok().and_then(|at| self.numbers.get(at)).unwrap_or(&self.all)
    }

    /// Both counters only grow, so their sum changes if either does.
    pub(super) fn of(&self, key: &impl Hash) -> u64 {
        self.number(key).load(Ordering::SeqCst).wrapping_add(self.all.load(Ordering::SeqCst))
    }

    pub(super) fn next_of(&self, key: &impl Hash) {
        self.number(key).fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn next_of_all(&self) {
        self.all.fetch_add(1, Ordering::SeqCst);
    }
}
