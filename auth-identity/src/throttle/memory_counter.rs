//! Holds the state of one counter in memory, and decides how long it is kept: [`Count`].

use std::time::{Duration, Instant};

use moka::Expiry;

use super::{ThrottleKey, bounded_failure_series::OwnedSeries};

/// The state of a counter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Count {
    /// Of a series: the failures
    pub(super) failures: u32,
    /// Of a series, the end of the pause; of a rate, when everything is refilled: nanoseconds since 1970
    pub(super) until: u64,
    /// How long it is kept
    pub(super) kept: Duration,
}

pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// How long counters are kept.
pub(super) struct Kept;

impl Kept {
    fn of_all(series: &OwnedSeries) -> Duration {
        series.iter().map(|(_, count)| count.kept).max().unwrap_or_default()
    }
}

impl Expiry<ThrottleKey, Count> for Kept {
    fn expire_after_create(&self, _: &ThrottleKey, count: &Count, _: Instant) -> Option<Duration> {
        Some(count.kept)
    }

    fn expire_after_update(
        &self,
        _: &ThrottleKey,
        count: &Count,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(count.kept)
    }
}

impl Expiry<ThrottleKey, OwnedSeries> for Kept {
    fn expire_after_create(&self, _: &ThrottleKey, series: &OwnedSeries, _: Instant) -> Option<Duration> {
        Some(Self::of_all(series))
    }

    fn expire_after_update(
        &self,
        _: &ThrottleKey,
        series: &OwnedSeries,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(Self::of_all(series))
    }
}
