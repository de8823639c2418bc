//! Opens a log, and hands events to the thread that writes them: [`Writer`].

use std::{
    io::{self, BufReader},
    path::Path,
    sync::{
        Arc, Mutex,
        mpsc::{Sender, SyncSender, channel, sync_channel},
    },
    thread::{self, JoinHandle},
};

use super::{
    AuditError, AuditErrorKind, AuditHead, AuditRotation,
    chain::{Chain, Event},
    lock,
    rotated_files::{LogFile, rotated},
    verify::{CLOSED, OPENED, Reading},
    writer_thread::WriterThread,
};
use crate::{
    KeyRing,
    clock::{Clock, UnixTime},
};

/// The number of events that may wait for the thread.
pub(super) const WAITING: usize = 1024;

/// What the thread is asked to do.
pub(super) enum Order {
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
pub(super) struct State {
    pub(super) head: AuditHead,
    /// Why the last write failed
    pub(super) failure: Option<io::ErrorKind>,
}

impl Writer {
    pub(super) fn open(
        path: &Path,
        keys: KeyRing,
        rotation: AuditRotation,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuditError> {
        let file = LogFile::open(path)?;
        let found = Found::read(&file, path, &keys)?;
        let state = Arc::new(Mutex::new(State { head: found.head, failure: None }));
        let (orders, receiver) = sync_channel(WAITING);
        let began = found.began.unwrap_or_else(|| clock.now());
        let when = (rotation, began, found.continues);
        let log = WriterThread::new(file, Chain::new(keys), when, &state, Arc::clone(&clock));
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
            // The thread lives as long as there is a sender, unless it has panicked; `check` reports it.
            let _ = orders.send(Order::Write(event));
        }
    }

    pub(super) fn flush(&self) -> Result<(), AuditError> {
        let (done, is_done) = channel();
        let orders = lock(&self.orders).clone().ok_or(AuditError::new(AuditErrorKind::Closed))?;
        let _ = orders.send(Order::Flush(done));
        // The thread drops the sender when it has tried to write.
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

/// What is on the disk when a log is opened.
struct Found {
    head: AuditHead,
    /// The time of the first entry of the file
    began: Option<UnixTime>,
    /// The file is empty, and follows a rotated one
    continues: bool,
}

impl Found {
    /// Verifies the file, and the rotated one before it.
    fn read(log: &LogFile, path: &Path, keys: &KeyRing) -> Result<Self, AuditError> {
        let mut earlier = Reading::new(keys.clone(), None, None);
        let last = rotated(path)?.pop();
        if let Some(last) = &last {
            earlier.read_file(last).map_err(|error| error.in_file(last))?;
        }
        let before = earlier.head();
        let mut reading = Reading::new(keys.clone(), before, None);
        reading.read(BufReader::new(log.file()))?;
        let began = reading.began();
        // Rotated files may have been moved elsewhere. Without any, the file says itself where it begins.
        let start = before.unwrap_or_else(|| reading.start());
        let continues = began.is_none() && last.is_some();
        Ok(Self { head: reading.head().unwrap_or(start), began, continues })
    }
}
