//! Decides when to fetch: pure arithmetic on points in time.

use std::time::Duration;

use crate::KeySet;
use auth_identity::clock::UnixTime;

/// The minimum lifetime of fetched keys.
pub(super) const MIN_LIFETIME: Duration = Duration::from_mins(1);
/// The default lifetime, without `max-age`.
const USUAL_LIFETIME: Duration = Duration::from_mins(15);
/// Requests on other instances may have a time slightly before the fetch.
const CLOCK_TOLERANCE: Duration = Duration::from_mins(1);
/// The first delay after a failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The limits; all in whole seconds except the timeout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// How long keys are used without being fetched again.
    pub(super) max_lifetime: Duration,
    /// How long keys are used beyond that while the issuer does not respond.
    pub(super) stale_limit: Duration,
    /// The minimum time between fetches for unknown key ids.
    pub(super) cool_down: Duration,
    /// The timeout of a fetch and of a request that waits for it.
    pub(super) deadline: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            max_lifetime: Duration::from_hours(1),
            stale_limit: Duration::from_hours(24),
            cool_down: Duration::from_secs(30),
            deadline: Duration::from_secs(5),
        }
    }
}

/// Keys that have been fetched.
pub(super) struct Held {
    pub(super) keys: KeySet,
    /// When the fetch began.
    pub(super) since: UnixTime,
    /// Their lifetime.
    pub(super) lifetime: Duration,
}

/// The age of keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Age {
    Fresh,
    /// Valid, but to be fetched ahead of time.
    Due,
    /// To be fetched before use, unless the issuer is known to be down.
    Expired,
    /// Not to be used.
    Dead,
}

impl Held {
    pub(super) fn new(keys: KeySet, since: UnixTime, said: Option<Duration>, times: &Times) -> Self {
        let lifetime = said.unwrap_or(USUAL_LIFETIME).max(MIN_LIFETIME).min(times.max_lifetime);
        Self { keys, since, lifetime }
    }

    pub(super) fn age(&self, now: UnixTime, times: &Times) -> Age {
        if self.since > now.plus(CLOCK_TOLERANCE) {
            // The clock was set back, so their age is unknown.
            return Age::Expired;
        }
        let age = now.since(self.since);
        if age >= self.lifetime.saturating_add(times.stale_limit) {
            Age::Dead
        } else if age >= self.lifetime {
            Age::Expired
        } else if age >= self.lifetime.saturating_sub(self.lifetime.checked_div(4).unwrap_or_default()) {
            Age::Due
        } else {
            Age::Fresh
        }
    }
}

/// The reason for a fetch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Want {
    /// There are no keys, or expired ones.
    Keys,
    /// There are keys, but none with a token's key id.
    Name,
}

/// The history of fetches.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attempts {
    /// When the last one began.
    last: Option<UnixTime>,
    /// When the last one for an unknown key id began.
    last_for_name: Option<UnixTime>,
    /// The number of failures since the last success.
    failures: u32,
    /// The issuer's `Retry-After`.
    asked: Duration,
}

impl Attempts {
    pub(super) const fn failing(&self) -> bool {
        self.failures > 0
    }

    pub(super) fn begin(&mut self, want: Want, now: UnixTime) {
        self.last = Some(now);
        if want == Want::Name {
            self.last_for_name = Some(now);
        }
    }

    pub(super) fn succeed(&mut self) {
        self.failures = 0;
        self.asked = Duration::ZERO;
    }

    pub(super) fn fail(&mut self, asked: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        self.asked = asked.unwrap_or_default();
    }

    /// Returns whether another fetch may begin. One for an unknown key id waits only for the one before it:
    /// after a rotation, the first token with the new key finds it.
    pub(super) fn allows(&self, want: Want, now: UnixTime, times: &Times) -> bool {
        let after_failure = if self.failing() {
            let doublings = self.failures.saturating_sub(1).min(16);
            let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(doublings));
            pause.min(times.cool_down).max(self.asked)
        } else {
            Duration::ZERO
        };
        // A clock that was set back must not stop fetches until it catches up.
        let has_passed = |pause: Duration, since: Option<UnixTime>| {
            since.is_none_or(|last| now.since(last) >= pause || last > now.plus(CLOCK_TOLERANCE))
        };
        let may_name = || has_passed(times.cool_down, self.last_for_name);
        has_passed(after_failure, self.last) && (want == Want::Keys || may_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixTime = UnixTime::from_secs(1_800_000_000);

    fn at(seconds: u64) -> UnixTime {
        NOON.plus(Duration::from_secs(seconds))
    }

    fn held(said: Option<u64>, times: &Times) -> Held {
        Held::new(KeySet::default(), NOON, said.map(Duration::from_secs), times)
    }

    #[test]
    fn lifetimes_have_bounds() {
        let times = Times::default();
        for (said, lifetime) in [
            (None, 900),
            (Some(0), 60),
            (Some(59), 60),
            (Some(600), 600),
            (Some(3601), 3600),
            (Some(u64::MAX), 3600),
        ] {
            assert_eq!(held(said, &times).lifetime.as_secs(), lifetime, "{said:?}");
        }
    }

    #[test]
    fn keys_age() {
        let times = Times { stale_limit: Duration::from_secs(1000), ..Times::default() };
        let held = held(Some(400), &times);
        for (seconds, age) in [
            (0, Age::Fresh),
            (299, Age::Fresh),
            (300, Age::Due),
            (399, Age::Due),
            (400, Age::Expired),
            (1399, Age::Expired),
            (1400, Age::Dead),
            (u64::MAX, Age::Dead),
        ] {
            assert_eq!(held.age(at(seconds), &times), age, "{seconds}");
        }
        // Another instance's clock is a little behind; then this one was set back.
        assert_eq!(held.age(UnixTime::from_secs(NOON.as_secs() - 60), &times), Age::Fresh);
        assert_eq!(held.age(UnixTime::from_secs(NOON.as_secs() - 61), &times), Age::Expired);
    }

    #[test]
    fn names_wait_for_the_cool_down() {
        let times = Times::default();
        let mut attempts = Attempts::default();
        assert!(attempts.allows(Want::Name, NOON, &times));
        attempts.begin(Want::Keys, NOON);
        attempts.succeed();
        // A key that was published right afterwards is found by its first token.
        assert!(attempts.allows(Want::Name, NOON, &times));
        attempts.begin(Want::Name, NOON);
        attempts.succeed();
        assert!(!attempts.allows(Want::Name, at(29), &times) && attempts.allows(Want::Name, at(30), &times));
        assert!(attempts.allows(Want::Keys, at(0), &times));
        // Another fetch in between does not shorten the pause.
        attempts.begin(Want::Keys, at(10));
        attempts.succeed();
        assert!(!attempts.allows(Want::Name, at(29), &times) && attempts.allows(Want::Name, at(30), &times));
        // After a failure, both pauses count.
        attempts.begin(Want::Keys, at(29));
        attempts.fail(Some(Duration::from_mins(1)));
        assert!(!attempts.allows(Want::Name, at(88), &times) && attempts.allows(Want::Name, at(89), &times));
        // A clock that was set back an hour does not stop fetches for an hour.
        assert!(attempts.allows(Want::Name, UnixTime::from_secs(NOON.as_secs() - 3600), &times));
    }

    #[test]
    fn pauses_double_up_to_the_cool_down() {
        let times = Times::default();
        let mut attempts = Attempts::default();
        attempts.begin(Want::Keys, NOON);
        for pause in [1, 2, 4, 8, 16, 30, 30] {
            attempts.fail(None);
            assert!(
                !attempts.allows(Want::Keys, at(pause - 1), &times)
                    && attempts.allows(Want::Keys, at(pause), &times)
            );
        }
        for _ in 0..100 {
            attempts.fail(None);
        }
        assert!(attempts.allows(Want::Keys, at(30), &times));
        attempts.fail(Some(Duration::from_mins(10)));
        assert!(
            !attempts.allows(Want::Keys, at(599), &times) && attempts.allows(Want::Keys, at(600), &times)
        );
        attempts.succeed();
        assert!(attempts.allows(Want::Keys, at(1), &times));
    }
}
