//! Represents points in time, clocks, durations and calendar days: [`UnixTime`], [`Clock`], [`Interval`] and
//! [`Day`].

mod calendar_day;
mod duration_syntax;

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

pub use calendar_day::{Day, InvalidDay};
pub use duration_syntax::{Interval, InvalidInterval};

/// A point in time: whole seconds since 1970-01-01 00:00:00 UTC, in 64 bits.
///
/// Arithmetic saturates, so no credential can overflow it.
///
/// # Example
///
/// ```
/// use auth_runtime::clock::UnixTime;
/// use std::time::Duration;
///
/// let issued = UnixTime::from_secs(1_700_000_000);
/// assert_eq!(issued.plus(Duration::from_secs(60)).as_secs(), 1_700_000_060);
/// assert_eq!(issued.since(UnixTime::from_secs(1_800_000_000)), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UnixTime(u64);

impl UnixTime {
    /// Returns the time `seconds` after the epoch.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Returns the seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// Returns the time `duration` later, in whole seconds; saturates.
    #[must_use]
    pub const fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }

    /// Returns the time `duration` earlier, in whole seconds; saturates at the epoch.
    #[must_use]
    pub const fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.as_secs()))
    }

    /// Returns the time since `earlier`, or zero if that is in the future.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }
}

impl From<SystemTime> for UnixTime {
    /// Converts a time; times before 1970 become the epoch.
    fn from(time: SystemTime) -> Self {
        Self(time.duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs()))
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A source of the current time.
///
/// The default is [`SystemClock`]; the `testing` feature has one that tests set.
///
/// # Example
///
/// ```
/// use auth_runtime::clock::{Clock, UnixTime};
///
/// let noon = || UnixTime::from_secs(1_700_000_000);
/// assert_eq!(noon.now().as_secs(), 1_700_000_000);
/// ```
#[diagnostic::on_unimplemented(
    message = "this is not a clock; write for example `|| UnixTime::from_secs(0)`",
    label = "expected a closure that returns `UnixTime`"
)]
pub trait Clock: Send + Sync + 'static {
    /// Returns the current time.
    fn now(&self) -> UnixTime;
}

#[diagnostic::do_not_recommend]
impl<F: Fn() -> UnixTime + Send + Sync + 'static> Clock for F {
    fn now(&self) -> UnixTime {
        self()
    }
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        SystemTime::now().into()
    }
}
