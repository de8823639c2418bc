//! Where the time comes from.

use std::{
    fmt,
    time::{Duration, Instant, SystemTime},
};

/// Tells the time. The default is [`SystemClock`]; tests bring one that they turn themselves.
///
/// Two hands, because each alone can lie: the calendar's time may be set back or forward while the program runs, and the
/// running time says nothing about tokens of an earlier run.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The calendar's time.
    fn now(&self) -> SystemTime;

    /// The time since some fixed moment of this run; it never goes back.
    fn running(&self) -> Duration;
}

/// The machine's own clock.
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
