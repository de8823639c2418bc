//! Writes entries of the audit log in a thread of its own: [`Writer`].

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufReader, Write as _},
    path::Path,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread::{self, JoinHandle},
};

use super::{
    AuditError, AuditErrorKind, AuditHead,
    chain::{Chain, Event},
    lock,
    verify::{CLOSED, OPENED, verify},
};
use crate::{KeyRing, clock::Clock, events::OneLine};

/// The number of events that may wait.
const WAITING: usize = 1024;
/// The number of entries between two checkpoints.
const CHECKPOINT: u64 = 1000;
/// The target of the events about the log itself, which are no entries of it.
const TARGET: &str = "auth_audit";

/// What the thread is asked to do.
enum Order {
    Write(Event),
    Flush(Sender<()>),
}

pub(super) struct Writer {
    orders: Mutex<Option<SyncSender<Order>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

/// What is on the disk.
struct State {
    head: AuditHead,
    failure: Option<io::ErrorKind>,
}

impl Writer {
    pub(super) fn open(path: &Path, keys: KeyRing, clock: Arc<dyn Clock>) -> Result<Self, AuditError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => AuditError::new(AuditErrorKind::InUse),
            TryLockError::Error(error) => error.into(),
        })?;
        let head = verify(BufReader::new(&file), keys.clone(), None)?.head();
        let state = Arc::new(Mutex::new(State { head, failure: None }));
        let (orders, receiver) = sync_channel(WAITING);
        let log = Log { file, chain: Chain::new(keys), head, checkpoint: None, state: Arc::clone(&state) };
        let thread = thread::Builder::new().name("audit-log".to_owned()).spawn(move || log.run(&receiver))?;
        let writer =
            Self { orders: Mutex::new(Some(orders)), thread: Mutex::new(Some(thread)), clock, state };
        writer.write(Event::new(writer.clock.now(), OPENED));
        writer.flush()?;
        Ok(writer)
    }

    /// Records an event. It waits if too many others do.
    pub(super) fn write(&self, event: Event) {
        let orders = lock(&self.orders).clone();
        if let Some(orders) = orders {
            // After a failure there is no receiver; `check` reports it.
            let _ = orders.send(Order::Write(event));
        }
    }

    pub(super) fn flush(&self) -> Result<(), AuditError> {
        let (done, is_done) = channel();
        let orders = lock(&self.orders).clone().ok_or(AuditError::new(AuditErrorKind::Closed))?;
        let _ = orders.send(Order::Flush(done));
        // The thread drops the sender when it ends.
        let _ = is_done.recv();
        self.check()
    }

    pub(super) fn check(&self) -> Result<(), AuditError> {
        lock(&self.state).failure.map_or(Ok(()), |failure| Err(io::Error::from(failure).into()))
    }

    pub(super) fn head(&self) -> AuditHead {
        lock(&self.state).head
    }

    pub(super) fn close(&self) -> Result<(), AuditError> {
        let orders = lock(&self.orders).take();
        if let Some(orders) = orders {
            let _ = orders.send(Order::Write(Event::new(self.clock.now(), CLOSED)));
        }
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
        self.check()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

/// The log as the thread has it.
struct Log {
    file: File,
    chain: Chain,
    head: AuditHead,
    /// The head that was last logged
    checkpoint: Option<AuditHead>,
    state: Arc<Mutex<State>>,
}

impl Log {
    fn run(mut self, orders: &Receiver<Order>) {
        while let Ok(first) = orders.recv() {
            let mut lines = String::new();
            let mut flushed = Vec::new();
            // What is waiting goes to the disk in one step.
            for order in std::iter::once(first).chain(orders.try_iter().take(WAITING)) {
                match order {
                    Order::Flush(done) => flushed.push(done),
                    Order::Write(event) => {
                        let (line, head) = self.chain.line(self.head, &event);
                        lines.push_str(&line);
                        self.head = head;
                    }
                }
            }
            let written = self.file.write_all(lines.as_bytes()).and_then(|()| self.file.sync_data());
            if let Err(error) = written {
                lock(&self.state).failure = Some(error.kind());
                tracing::error!(target: TARGET, error = %OneLine(&error), "audit failed");
                return;
            }
            lock(&self.state).head = self.head;
            self.report(CHECKPOINT);
        }
        self.report(1);
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
