//! Stops the clock, and advances it by hand: [`FrozenClock`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::clock::{Clock, UnixTime};

/// A clock that only advances when the test says so. Clones share the time.
///
/// # Example
///
/// ```
/// use auth_runtime::{clock::Clock, testing::FrozenClock};
/// use std::time::Duration;
///
/// let clock = FrozenClock::at(1_700_000_000);
/// let same = clock.clone();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(same.now().as_secs(), 1_700_000_060);
/// ```
#[derive(Clone, Debug)]
pub struct FrozenClock(Arc<AtomicU64>);

impl FrozenClock {
    /// Starts at so many seconds after 1970.
    #[must_use]
    pub fn at(seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seconds)))
    }

    /// Advances the time, in whole seconds.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now().plus(duration));
    }

    /// Sets the time, forward or back.
    pub fn set(&self, time: UnixTime) {
        self.0.store(time.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0.load(Ordering::SeqCst))
    }
}
