//! Limits how many attempts are allowed, and how long further ones have to wait: [`Limit`].

use std::time::Duration;

/// The longest period and the longest pause.
const LONGEST: Duration = Duration::from_hours(30 * 24);
/// A series of failures is forgotten if none was added for this long after its pause.
pub(super) const FORGOTTEN: Duration = Duration::from_hours(24);

/// How many attempts are allowed, and how long further ones have to wait.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[must_use]
pub struct Limit(pub(super) Kind);

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Kind {
    /// So many at once, and evenly refilled within the period (GCRA)
    Rate { uses: u32, period: Duration },
    /// So many without a pause, then a pause that doubles
    Delays { free: u32, first: Duration, longest: Duration },
}

impl Limit {
    /// Allows `uses` at once, and refills them evenly within `period` (GCRA, a leaky bucket).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::throttle::Limit;
    /// use std::time::Duration;
    ///
    /// // Ten at once; then another one every six seconds.
    /// let limit = Limit::rate(10, Duration::from_secs(60));
    /// # let _ = limit;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `uses` is zero, if `period` is less than a second or more than 30 days, and if there are more uses than
    /// milliseconds.
    #[track_caller]
    pub const fn rate(uses: u32, period: Duration) -> Self {
        assert!(uses > 0, "a limit of no uses lets nothing pass; write 1 or more");
        assert!(
            period.as_secs() > 0 && period.as_secs() <= LONGEST.as_secs(),
            "the period of a limit is between a second and 30 days"
        );
        assert!(uses as u128 <= period.as_millis(), "a limit has at most one use in each millisecond");
        Self(Kind::Rate { uses, period })
    }

    /// Returns the uses and the period of a rate; `None` for pauses.
    #[must_use]
    pub const fn as_rate(&self) -> Option<(u32, Duration)> {
        match self.0 {
            Kind::Rate { uses, period } => Some((uses, period)),
            Kind::Delays { .. } => None,
        }
    }

    /// Allows `free` attempts without a pause. After each further one the next has to wait: first for `first`, then
    /// for twice as long each time, up to `longest`.
    ///
    /// A success ends the series of failures, and so does a day without a failure.
    ///
    /// # Panics
    ///
    /// Panics if `free` is zero, if `first` is less than a second, and if `longest` is less than `first` or more than
    /// 30 days.
    #[track_caller]
    pub const fn delays(free: u32, first: Duration, longest: Duration) -> Self {
        assert!(free > 0, "the first attempt has no pause; write 1 or more");
        assert!(first.as_secs() > 0, "the first pause is a second or longer");
        assert!(
            longest.as_secs() >= first.as_secs() && longest.as_secs() <= LONGEST.as_secs(),
            "the longest pause is at least the first one, and at most 30 days"
        );
        Self(Kind::Delays { free, first, longest })
    }
}

/// Returns how many attempts may begin after so many failures, of which the last has no pause any more.
pub(super) const fn left_of_series(failures: u32, free: u32) -> u32 {
    let left = free.saturating_sub(failures);
    if left == 0 { 1 } else { left }
}

/// Returns the pause after so many failures.
pub(super) fn pause(failures: u32, free: u32, first: Duration, longest: Duration) -> Duration {
    match failures.checked_sub(free) {
        None => Duration::ZERO,
        // Twice as long 32 times is longer than the longest pause.
        Some(doublings) => {
            first.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(longest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_the_longest_one_for_any_number_of_failures() {
        let secs = Duration::from_secs;
        let pause = |failures| pause(failures, 3, secs(2), secs(50)).as_secs();
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(pause), [0, 0, 0, 2, 4, 8, 16, 32, 50, 50]);
        for failures in [34, 35, 36, 100, u32::MAX] {
            assert_eq!(pause(failures), 50, "{failures}");
        }
    }

    #[test]
    fn after_the_free_failures_one_attempt_is_left_at_a_time() {
        assert_eq!([0, 1, 4, 5, 6, u32::MAX].map(|failures| left_of_series(failures, 5)), [5, 4, 1, 1, 1, 1]);
    }

    #[test]
    fn a_limit_that_lets_nothing_or_everything_pass_is_a_panic() {
        let secs = Duration::from_secs;
        let panics = |make: fn() -> Limit| std::panic::catch_unwind(make).is_err();
        assert!(panics(|| Limit::rate(0, Duration::from_secs(1))));
        assert!(panics(|| Limit::rate(1, Duration::from_millis(999))));
        assert!(panics(|| Limit::rate(1001, Duration::from_secs(1))));
        assert!(panics(|| Limit::rate(1, Duration::from_hours(30 * 24 + 1))));
        assert!(panics(|| Limit::delays(0, Duration::from_secs(1), Duration::from_secs(1))));
        assert!(panics(|| Limit::delays(1, Duration::ZERO, Duration::from_secs(1))));
        assert!(panics(|| Limit::delays(1, Duration::from_secs(2), Duration::from_secs(1))));
        assert!(panics(|| Limit::delays(1, Duration::from_secs(2), Duration::from_hours(30 * 24 + 1))));
        let _ = (Limit::rate(1000, secs(1)), Limit::delays(1, secs(1), secs(1)));
    }
}
