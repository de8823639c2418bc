//! Counts attempts in memory, with the rates of `governor` in a bounded table of `moka`: [`MemoryThrottle`].

use std::{fmt, num::NonZeroU32, time::Duration};

use governor::{Quota, RateLimiter, clock, middleware::NoOpMiddleware, nanos::Nanos, state::StateStore};
use moka::{ops::compute::Op, policy::EvictionPolicy, sync::Cache};

use super::{
    Counter, Limit, Standing, ThrottleKey, ThrottleStore,
    bounded_failure_series::{OwnedSeries, changed},
    limit::{FORGOTTEN, Kind, left_of_series, pause},
    memory_counter::{Count, Kept, nanos},
};
use crate::{BoxError, answer_future::Answer, clock::UnixTime};

/// A rate is kept for longer than it has an effect, in case the application's clock is slower than the system's.
const SPARE: Duration = Duration::from_hours(1);

/// Counts attempts in memory. Clones share the counters.
///
/// They end with the process, and other processes do not see them: with `n` instances, a client has up to `n` times
/// as many attempts.
///
/// # Security
///
/// The memory is bounded: beyond the capacity, the client that was counted least recently is forgotten. A client that
/// names many accounts displaces counters of its own, so an attacker needs as many addresses as the capacity to reset a
/// counter; each of them has as many attempts as the counter that it resets.
#[derive(Clone)]
#[must_use]
pub struct MemoryThrottle {
    counters: Cache<ThrottleKey, Count>,
    /// Series of failures, by their owners
    series: Cache<ThrottleKey, OwnedSeries>,
}

impl MemoryThrottle {
    /// Counts up to 100,000 clients, in about 20 megabytes; in up to 150 while each of them fails to log in to sixteen
    /// accounts or more.
    pub fn new() -> Self {
        Self::with_capacity(100_000)
    }

    /// Counts up to so many clients.
    pub fn with_capacity(clients: u64) -> Self {
        // The default eviction policy does not admit new counters while old ones are used more often.
        let lru = EvictionPolicy::lru;
        let counters = Cache::builder().max_capacity(clients).eviction_policy(lru()).expire_after(Kept);
        let series = Cache::builder().max_capacity(clients).eviction_policy(lru()).expire_after(Kept);
        Self { counters: counters.build(), series: series.build() }
    }

    /// Returns how one counter stands, and adds one to it if `counts` and it is below its limit.
    fn ask(&self, counter: &Counter, now: UnixTime, counts: bool) -> Standing {
        match counter.limit() {
            Limit(Kind::Rate { uses, period }) => self.ask_rate(counter, uses, period, now, counts),
            Limit(Kind::Delays { free, first, longest }) => {
                let now = nanos(Duration::from_secs(now.as_secs()));
                let mut standing = Standing::UNLIMITED;
                self.change(counter, now, |count| {
                    // Forgotten, or of another limit.
                    let is_valid = |count: &Count| now < count.until.saturating_add(nanos(FORGOTTEN));
                    let earlier = count.filter(is_valid);
                    let wait = earlier.map_or(0, |count| count.until.saturating_sub(now));
                    // A clock that went back must not make the pause longer.
                    let wait = Duration::from_nanos(wait).min(longest);
                    let failures = earlier.map_or(0, |count| count.failures);
                    let left = if wait.is_zero() { left_of_series(failures, free) } else { 0 };
                    standing = Standing::new(wait, earlier.is_some(), left);
                    if !counts || !wait.is_zero() {
                        return Op::Nop;
                    }
                    let failures = failures.saturating_add(1);
                    let pause = pause(failures, free, first, longest);
                    let until = now.saturating_add(nanos(pause));
                    Op::Put(Count { failures, until, kept: pause.saturating_add(FORGOTTEN) })
                });
                standing
            }
        }
    }

    fn ask_rate(
        &self,
        counter: &Counter,
        uses: u32,
        period: Duration,
        now: UnixTime,
        counts: bool,
    ) -> Standing {
        let (key, uses) = (counter.key(), NonZeroU32::new(uses).unwrap_or(NonZeroU32::MIN));
        let interval = interval(uses.get(), period);
        let Some(quota) = Quota::with_period(interval) else { return Standing::UNLIMITED };
        let now = nanos(Duration::from_secs(now.as_secs()));
        let rate = Rate { counter, counters: self, now, period, counts };
        let until = self.counters.get(&key).map_or(0, |count| count.until);
        let spent = until.saturating_sub(now).div_ceil(nanos(interval).max(1));
        let left = uses.get().saturating_sub(u32::try_from(spent).unwrap_or(u32::MAX));
        // The times of this limiter begin now, so it can be made for one question.
        let limiter: RateLimiter<_, _, _, NoOpMiddleware<Duration>> =
            RateLimiter::new(quota.allow_burst(uses), rate, Now);
        let wait =
            limiter.check_key(&key).err().map_or(Duration::ZERO, |not| not.wait_time_from(Duration::ZERO));
        Standing::new(wait, until > now, left)
    }

    fn change(&self, counter: &Counter, now: u64, change: impl FnOnce(Option<Count>) -> Op<Count>) {
        if let (Some(owner), Limit(Kind::Delays { .. })) = (counter.owner(), counter.limit()) {
            let all = self.series.entry(owner);
            all.and_compute_with(|all| {
                let all = all.map(moka::Entry::into_value).unwrap_or_default();
                changed(&all, counter.key(), now, change)
            });
        } else {
            let count = self.counters.entry(counter.key());
            count.and_compute_with(|count| change(count.map(|count| *count.value())));
        }
    }

    fn succeed_one(&self, counter: &Counter, now: UnixTime) {
        match counter.limit() {
            Limit(Kind::Delays { .. }) => {
                let now = nanos(Duration::from_secs(now.as_secs()));
                self.change(counter, now, |count| if count.is_some() { Op::Remove } else { Op::Nop });
            }
            Limit(Kind::Rate { uses, period }) => {
                let now = nanos(Duration::from_secs(now.as_secs()));
                self.change(counter, now, |count| {
                    let Some(count) = count else { return Op::Nop };
                    let until = count.until.saturating_sub(nanos(interval(uses, period)));
                    if until > now { Op::Put(Count { until, ..count }) } else { Op::Remove }
                });
            }
        }
    }
}

/// The time in which one use is refilled.
fn interval(uses: u32, period: Duration) -> Duration {
    period.checked_div(uses).unwrap_or(period)
}

/// The counters, as `governor` reads and writes them: times are relative to `now`.
struct Rate<'a> {
    counter: &'a Counter,
    counters: &'a MemoryThrottle,
    now: u64,
    period: Duration,
    counts: bool,
}

impl StateStore for Rate<'_> {
    type Key = ThrottleKey;

    fn measure_and_replace<T, F, E>(&self, _: &ThrottleKey, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut measured = None;
        self.counters.change(self.counter, self.now, |count| {
            // A clock that went back must not make the wait longer.
            let left = |count: Count| count.until.saturating_sub(self.now).min(nanos(self.period));
            match measure(count.map(|count| Nanos::from(left(count)))) {
                Ok((value, left)) => {
                    measured = Some(Ok(value));
                    let until = self.now.saturating_add(left.as_u64());
                    let kept = Duration::from_nanos(left.as_u64()).saturating_add(SPARE);
                    let count = Count { failures: 0, until, kept };
                    if self.counts { Op::Put(count) } else { Op::Nop }
                }
                Err(rejected) => {
                    measured = Some(Err(rejected));
                    Op::Nop
                }
            }
        });
        measured.unwrap_or_else(|| measure(None).map(|(value, _)| value))
    }
}

/// The clock of a limiter that is made for one question.
struct Now;

impl clock::Clock for Now {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

impl ThrottleStore for MemoryThrottle {
    fn take<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<Standing, BoxError>> {
        let stands = |counts| {
            let each = counters.iter().map(|counter| self.ask(counter, now, counts));
            each.fold(Standing::UNLIMITED, Standing::and)
        };
        let before = stands(false);
        // Each counter is changed in one step, so of calls at the same time no more pass than its limit allows.
        Answer::Now(Ok(if before.wait().is_zero() { before.and(stands(true)) } else { before }))
    }

    fn look<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<Standing, BoxError>> {
        let each = counters.iter().map(|counter| self.ask(counter, now, false));
        Answer::Now(Ok(each.fold(Standing::UNLIMITED, Standing::and)))
    }

    fn succeed<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<(), BoxError>> {
        for counter in counters {
            self.succeed_one(counter, now);
        }
        Answer::Now(Ok(()))
    }
}

impl Default for MemoryThrottle {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryThrottle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryThrottle")
            .field("counters", &self.counters.entry_count())
            .field("owners_of_series", &self.series.entry_count())
            .field("capacity", &self.counters.policy().max_capacity())
            .finish_non_exhaustive()
    }
}
