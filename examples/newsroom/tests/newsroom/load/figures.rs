//! What the people of a load test saw: [`Figures`].

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    time::{Duration, Instant},
};

/// Where the test is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Stage {
    AllUp,
    OneKilled,
    BothAgain,
    RedisDown,
    RedisBack,
    PostgresDown,
    PostgresBack,
}

impl Stage {
    pub(super) const fn is_outage(self) -> bool {
        matches!(self, Self::RedisDown | Self::PostgresDown)
    }
}

/// Counts and times of all requests.
pub(super) struct Figures {
    pub(super) counts: BTreeMap<(Stage, u16), usize>,
    latencies: BTreeMap<Stage, Vec<Duration>>,
    begun: Vec<(Stage, Instant)>,
    /// Requests that the killed instance did not answer, and the other one did
    pub(super) repeated: usize,
    /// Logged-in people whose session was not known
    pub(super) lost: usize,
    /// Responses that the test does not expect
    pub(super) faults: Vec<String>,
}

impl Figures {
    pub(super) fn new() -> Self {
        Self {
            counts: BTreeMap::new(),
            latencies: BTreeMap::new(),
            begun: vec![(Stage::AllUp, Instant::now())],
            repeated: 0,
            lost: 0,
            faults: Vec::new(),
        }
    }

    pub(super) fn stage(&self) -> Stage {
        self.begun.last().unwrap().0
    }

    pub(super) fn enter(&mut self, stage: Stage) {
        self.begun.push((stage, Instant::now()));
    }

    /// Returns whether this stage has been entered since, or a request from then could have met it.
    pub(super) fn met(&self, since: Stage, what: impl Fn(Stage) -> bool) -> bool {
        self.begun.iter().any(|(stage, _)| *stage >= since && what(*stage))
    }

    pub(super) fn note(&mut self, stage: Stage, status: u16, latency: Duration) {
        let count = self.counts.entry((stage, status)).or_default();
        *count = count.saturating_add(1);
        self.latencies.entry(stage).or_default().push(latency);
    }

    pub(super) fn answers(&self, stage: Stage) -> usize {
        self.latencies.get(&stage).map_or(0, Vec::len)
    }

    pub(super) fn count(&self, stage: Stage, status: u16) -> usize {
        self.counts.get(&(stage, status)).copied().unwrap_or(0)
    }

    /// Returns a table: a line per stage, with its requests by the stage in which they began.
    pub(super) fn table(&self) -> String {
        let mut text = String::new();
        let ends = self.begun.iter().skip(1).map(|(_, time)| *time).chain([Instant::now()]);
        for ((stage, start), end) in self.begun.iter().zip(ends) {
            let mut times = self.latencies.get(stage).cloned().unwrap_or_default();
            times.sort_unstable();
            let at = |percent: usize| {
                let index = times.len().saturating_mul(percent) / 100;
                times.get(index.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
            };
            let took = end.duration_since(*start).as_secs_f64();
            let rate = f64::from(u32::try_from(times.len()).unwrap()) / took;
            let statuses: Vec<_> = self
                .counts
                .iter()
                .filter(|((known, _), _)| known == stage)
                .map(|((_, status), count)| format!("{status}: {count}"))
                .collect();
            writeln!(
                text,
                "{stage:?}: {} requests in {took:.1} s, {rate:.0} per second; p50 {:.0?}, p95 {:.0?}, p99 {:.0?}, \
                 longest {:.0?}; {}",
                times.len(),
                at(50),
                at(95),
                at(99),
                at(100),
                statuses.join(", "),
            )
            .unwrap();
        }
        writeln!(
            text,
            "sessions lost: {}; repeated at the other instance: {}; unexpected responses: {}",
            self.lost,
            self.repeated,
            self.faults.len()
        )
        .unwrap();
        text
    }
}
