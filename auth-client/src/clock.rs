//! Defines [`Clock`], which supplies the wall-clock time and a monotonic time.

use std::{
    fmt,
    time::{Duration, Instant, SystemTime},
};

/// Supplies the time. The default is [`SystemClock`]; tests use a clock that they set.
///
/// Both times are needed. The wall clock may be set back or forward while the program runs, and the monotonic
/// clock cannot date tokens from an earlier run.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Returns the wall-clock time.
    fn now(&self) -> SystemTime;

    /// Returns the monotonic time since an arbitrary moment of this run.
    fn running(&self) -> Duration;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn running(&self) -> Duration {
        self.start.elapsed()
    }
}
