//! Writes entries, tries again after a failure, and begins new files: [`WriterThread`].

use std::{
    io,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use super::{
    AuditHead, AuditRotation,
    chain::{Chain, Event},
    lock,
    rotated_files::Disk,
    verify::{CONTINUED, GAP},
    writer::{Order, State, WAITING},
};
use crate::{
    clock::{Clock, UnixTime},
    events::OneLine,
};

/// The number of entries between two checkpoints.
const CHECKPOINT: u64 = 1000;
/// How long after a failure the next attempt is made.
const RETRY: Duration = Duration::from_secs(1);
/// How many events are kept while nothing can be written. Later ones are lost, and counted.
pub(super) const KEPT: usize = 4 * WAITING;
/// The target of the events about the log itself, which are no entries of it.
const TARGET: &str = "auth_audit";

/// A log as its thread has it.
pub(super) struct WriterThread<D> {
    disk: D,
    chain: Chain,
    /// The last entry that is on the disk
    head: AuditHead,
    /// The time of the first entry of the file
    began: UnixTime,
    rotation: AuditRotation,
    clock: Arc<dyn Clock>,
    waiting: Vec<Event>,
    /// The file is empty, and follows a rotated one
    continues: bool,
    gap: Option<Gap>,
    /// The head that was last logged
    checkpoint: Option<AuditHead>,
    state: Arc<Mutex<State>>,
}

/// A time in which nothing could be written.
struct Gap {
    since: UnixTime,
    error: io::ErrorKind,
    lost: u64,
    /// When the last attempt was made
    tried: Instant,
}

impl Gap {
    /// Returns the entry that tells of it.
    fn event(&self, now: UnixTime) -> Event {
        let mut event = Event::new(now, GAP);
        event.level = "ERROR";
        event.fields.insert("since".to_owned(), self.since.as_secs().into());
        event.fields.insert("error".to_owned(), self.error.to_string().into());
        event.fields.insert("lost".to_owned(), self.lost.into());
        event
    }
}

impl<D: Disk> WriterThread<D> {
    pub(super) fn new(
        disk: D,
        chain: Chain,
        (rotation, began, continues): (AuditRotation, UnixTime, bool),
        state: &Arc<Mutex<State>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let head = lock(state).head;
        Self {
            disk,
            chain,
            head,
            began,
            rotation,
            clock,
            waiting: Vec::new(),
            continues,
            gap: None,
            checkpoint: None,
            state: Arc::clone(state),
        }
    }

    pub(super) fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let next = match &self.gap {
                Some(_) => orders.recv_timeout(RETRY),
                None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let is_over = matches!(next, Err(RecvTimeoutError::Disconnected));
            let mut flushed = Vec::new();
            // What is waiting goes to the disk in one step.
            for order in next.into_iter().chain(orders.try_iter().take(WAITING)) {
                match order {
                    Order::Flush(done) => flushed.push(done),
                    Order::Write(event) => self.keep(event),
                }
            }
            // Each attempt signs all that is waiting, so not every event makes one.
            if is_over || !flushed.is_empty() || self.is_due() {
                self.write();
            }
            if is_over {
                break;
            }
        }
        self.report(1);
    }

    /// Returns whether a write is to be attempted: always, or a while after the last failure.
    fn is_due(&self) -> bool {
        self.gap.as_ref().is_none_or(|gap| gap.tried.elapsed() >= RETRY)
    }

    /// Keeps an event until it is written, if there is room.
    fn keep(&mut self, event: Event) {
        match &mut self.gap {
            Some(gap) if self.waiting.len() >= KEPT => {
                gap.lost = gap.lost.saturating_add(1);
                #[cfg(feature = "metrics")]
                metrics::counter!("auth_audit_lost_total").increment(1);
            }
            _ => self.waiting.push(event),
        }
    }

    /// Writes what is waiting, behind an entry about the gap if there was one.
    fn write(&mut self) {
        if self.waiting.is_empty() && self.gap.is_none() {
            return;
        }
        self.rotate_if_due();
        let now = self.clock.now();
        let continued = self.continues.then(|| Event::new(now, CONTINUED));
        let gap = self.gap.as_ref().map(|gap| gap.event(now));
        let (mut lines, mut head) = (String::new(), self.head);
        for event in continued.iter().chain(&gap).chain(&self.waiting) {
            let (line, next) = self.chain.line(head, event);
            lines.push_str(&line);
            head = next;
        }
        match self.disk.append(lines.as_bytes()) {
            Ok(()) => {
                self.waiting.clear();
                self.continues = false;
                self.wrote(head);
                if let Some(gap) = self.gap.take() {
                    tracing::warn!(target: TARGET, lost = gap.lost, since = gap.since.as_secs(), "audit recovered");
                }
            }
            Err(error) => self.failed(&error),
        }
    }

    fn wrote(&mut self, head: AuditHead) {
        self.head = head;
        #[cfg(feature = "metrics")]
        metrics::gauge!("auth_audit_failing").set(0.0);
        let mut state = lock(&self.state);
        (state.head, state.failure) = (head, None);
        drop(state);
        self.report(CHECKPOINT);
    }

    fn failed(&mut self, error: &io::Error) {
        #[cfg(feature = "metrics")]
        metrics::gauge!("auth_audit_failing").set(1.0);
        lock(&self.state).failure = Some(error.kind());
        if let Some(gap) = &mut self.gap {
            gap.tried = Instant::now();
        } else {
            tracing::error!(target: TARGET, error = %OneLine(error), "audit failed");
            self.gap =
                Some(Gap { since: self.clock.now(), error: error.kind(), lost: 0, tried: Instant::now() });
        }
    }

    /// Begins a new file, whose first entry continues the chain. A failure is logged, and the old file goes
    /// on.
    fn rotate_if_due(&mut self) {
        let now = self.clock.now();
        let length = self.disk.length();
        if length == 0 || !self.rotation.is_due(length, self.began, now) {
            return;
        }
        if let Err(error) = self.disk.rotate(self.head.seq()) {
            tracing::error!(target: TARGET, error = %OneLine(&error), "audit rotation failed");
            return;
        }
        tracing::info!(target: TARGET, head = %self.head, "audit rotated");
        self.began = now;
        self.continues = true;
    }

    /// Logs the head if there are so many entries since the last time.
    fn report(&mut self, entries: u64) {
        let since = self.checkpoint.map_or(u64::MAX, |last| self.head.seq().saturating_sub(last.seq()));
        if since >= entries {
            tracing::info!(target: TARGET, head = %self.head, "audit checkpoint");
            self.checkpoint = Some(self.head);
        }
    }
}
