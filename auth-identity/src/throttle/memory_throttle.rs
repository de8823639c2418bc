//! Counts attempts in memory, with the rates of `governor` in a bounded table of `moka`: [`MemoryThrottle`].

use std::{
    fmt,
    num::NonZeroU32,
    time::{Duration, Instant},
};

use governor::{Quota, RateLimiter, clock, middleware::NoOpMiddleware, nanos::Nanos, state::StateStore};
use moka::{Expiry, ops::compute::Op, policy::EvictionPolicy, sync::Cache};

use super::{
    Counter, Limit, Standing, ThrottleKey, ThrottleStore,
    limit::{FORGOTTEN, Kind, pause},
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
/// The memory is bounded: beyond the capacity, the counter that was used least recently is dropped. A client makes
/// as many counters as its own limit allows, so an attacker with some thousand addresses can reset one that way.
#[derive(Clone)]
#[must_use]
pub struct MemoryThrottle {
    counters: Cache<ThrottleKey, Count>,
}

/// The state of a counter.
#[derive(Clone, Copy)]
struct Count {
    /// Of a series: the failures
    failures: u32,
    /// Of a series, the end of the pause; of a rate, when everything is refilled: nanoseconds since 1970
    until: u64,
    /// How long it is kept
    kept: Duration,
}

impl MemoryThrottle {
    /// Counts up to 100,000 accounts and clients, in about 20 megabytes.
    pub fn new() -> Self {
        Self::with_capacity(100_000)
    }

    /// Counts up to so many accounts and clients.
    pub fn with_capacity(counters: u64) -> Self {
        let builder = Cache::builder()
            .max_capacity(counters)
            // The default policy does not admit new counters while old ones are used more often.
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Kept);
        Self { counters: builder.build() }
    }

    /// Returns how one counter stands, and adds one to it if `counts` and it is below its limit.
    fn ask(&self, counter: &Counter, now: UnixTime, counts: bool) -> Standing {
        match counter.limit() {
            Limit(Kind::Rate { uses, period }) => self.ask_rate(counter.key(), uses, period, now, counts),
            Limit(Kind::Delays { free, first, longest }) => {
                let now = nanos(Duration::from_secs(now.as_secs()));
                let mut standing = Standing::default();
                self.change(counter.key(), |count| {
                    // Forgotten, or of another limit.
                    let is_valid = |count: &Count| now < count.until.saturating_add(nanos(FORGOTTEN));
                    let earlier = count.filter(is_valid);
                    let wait = earlier.map_or(0, |count| count.until.saturating_sub(now));
                    // A clock that went back must not make the pause longer.
                    let wait = Duration::from_nanos(wait).min(longest);
                    standing = Standing::new(wait, earlier.is_some());
                    if !counts || !wait.is_zero() {
                        return Op::Nop;
                    }
                    let failures = earlier.map_or(0, |count| count.failures).saturating_add(1);
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
        key: ThrottleKey,
        uses: u32,
        period: Duration,
        now: UnixTime,
        counts: bool,
    ) -> Standing {
        let uses = NonZeroU32::new(uses).unwrap_or(NonZeroU32::MIN);
        let Some(quota) = Quota::with_period(interval(uses.get(), period)) else {
            return Standing::default();
        };
        let now = nanos(Duration::from_secs(now.as_secs()));
        let rate = Rate { counters: self, now, period, counts };
        let is_used = self.counters.get(&key).is_some_and(|count| count.until > now);
        // The times of this limiter begin now, so it can be made for one question.
        let limiter: RateLimiter<_, _, _, NoOpMiddleware<Duration>> =
            RateLimiter::new(quota.allow_burst(uses), rate, Now);
        let wait =
            limiter.check_key(&key).err().map_or(Duration::ZERO, |not| not.wait_time_from(Duration::ZERO));
        Standing::new(wait, is_used)
    }

    fn change(&self, key: ThrottleKey, change: impl FnOnce(Option<Count>) -> Op<Count>) {
        self.counters.entry(key).and_compute_with(|entry| change(entry.map(|entry| *entry.value())));
    }

    fn succeed_one(&self, counter: &Counter, now: UnixTime) {
        match counter.limit() {
            Limit(Kind::Delays { .. }) => self.counters.invalidate(&counter.key()),
            Limit(Kind::Rate { uses, period }) => {
                let now = nanos(Duration::from_secs(now.as_secs()));
                self.change(counter.key(), |count| {
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

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The counters, as `governor` reads and writes them: times are relative to `now`.
struct Rate<'a> {
    counters: &'a MemoryThrottle,
    now: u64,
    period: Duration,
    counts: bool,
}

impl StateStore for Rate<'_> {
    type Key = ThrottleKey;

    fn measure_and_replace<T, F, E>(&self, key: &ThrottleKey, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut measured = None;
        self.counters.change(*key, |count| {
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

/// How long a counter is kept.
struct Kept;

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

impl ThrottleStore for MemoryThrottle {
    fn take<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<Standing, BoxError>> {
        let stands = |counts| {
            let each = counters.iter().map(|counter| self.ask(counter, now, counts));
            each.fold(Standing::default(), Standing::and)
        };
        let before = stands(false);
        // Each counter is changed in one step, so of calls at the same time no more pass than its limit allows.
        Answer::Now(Ok(if before.wait().is_zero() { before.and(stands(true)) } else { before }))
    }

    fn look<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<Standing, BoxError>> {
        let each = counters.iter().map(|counter| self.ask(counter, now, false));
        Answer::Now(Ok(each.fold(Standing::default(), Standing::and)))
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
            .field("capacity", &self.counters.policy().max_capacity())
            .finish_non_exhaustive()
    }
}
