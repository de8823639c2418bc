//! Tests that a log recovers from failed writes.

use std::{
    io,
    sync::{
        Arc, Mutex,
        mpsc::{SyncSender, channel, sync_channel},
    },
};

use super::{
    AuditHead, AuditRotation,
    chain::{Chain, Event},
    lock,
    rotated_files::Disk,
    verify,
    writer::{Order, State, WAITING},
    writer_thread::{KEPT, WriterThread},
};
use crate::{
    KeyRing,
    clock::{SystemClock, UnixTime},
    keys::Key,
};

/// A disk that is full for a while, and then takes a part of each batch before it fails.
#[derive(Clone, Default)]
struct FullDisk(Arc<Mutex<(Vec<u8>, bool)>>);

impl FullDisk {
    fn fill(&self, is_full: bool) {
        lock(&self.0).1 = is_full;
    }

    fn text(&self) -> String {
        String::from_utf8(lock(&self.0).0.clone()).unwrap()
    }
}

impl Disk for FullDisk {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let mut disk = lock(&self.0);
        if disk.1 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        disk.0.extend_from_slice(lines);
        Ok(())
    }

    fn rotate(&mut self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn length(&self) -> u64 {
        lock(&self.0).0.len() as u64
    }
}

fn ring() -> KeyRing {
    KeyRing::new(Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap())
}

fn event(orders: &SyncSender<Order>, name: &str) {
    orders.send(Order::Write(Event::new(UnixTime::from_secs(1), name))).unwrap();
}

fn flush(orders: &SyncSender<Order>) {
    let (done, is_done) = channel();
    orders.send(Order::Flush(done)).unwrap();
    let _ = is_done.recv();
}

// After a failure the events that were kept are written, behind an entry that tells how many were not.
#[test]
fn a_log_recovers_and_records_its_gap() {
    let disk = FullDisk::default();
    let state = Arc::new(Mutex::new(State { head: AuditHead::NONE, failure: None }));
    let when = (AuditRotation::new().with_size(u64::MAX), UnixTime::from_secs(0), false);
    let thread = WriterThread::new(disk.clone(), Chain::new(ring()), when, &state, Arc::new(SystemClock));
    let (orders, receiver) = sync_channel(WAITING);
    let running = std::thread::spawn(move || thread.run(&receiver));
    event(&orders, "before");
    flush(&orders);
    assert_eq!(lock(&state).failure, None);

    disk.fill(true);
    event(&orders, "kept");
    flush(&orders);
    assert_eq!(lock(&state).failure, Some(io::ErrorKind::StorageFull));
    assert_eq!(lock(&state).head.seq(), 1);
    for _ in 0..KEPT + 9 {
        event(&orders, "more");
    }
    flush(&orders);
    disk.fill(false);
    // The thread tries again by itself; a flush does not wait for that.
    flush(&orders);
    event(&orders, "after");
    flush(&orders);
    assert_eq!(lock(&state).failure, None);
    drop(orders);
    running.join().unwrap();

    let text = disk.text();
    let names: Vec<&str> = text
        .lines()
        .map(|line| line.split("\"event\":\"").nth(1).unwrap().split('"').next().unwrap())
        .collect();
    assert_eq!(names[..4], ["before", "audit gap", "kept", "more"]);
    assert_eq!((names.len(), names[names.len() - 1]), (3 + KEPT, "after"));
    assert!(text.lines().nth(1).unwrap().contains("\"lost\":10"), "{}", text.lines().nth(1).unwrap());
    let report = verify(text.as_bytes(), ring(), None).unwrap();
    assert_eq!((report.gaps(), report.lost(), report.head().seq()), (1, 10, 3 + KEPT as u64));
}

// The last attempt is made when the log is closed.
#[test]
fn a_log_that_is_closed_during_a_gap_says_that_it_failed() {
    let disk = FullDisk::default();
    disk.fill(true);
    let state = Arc::new(Mutex::new(State { head: AuditHead::NONE, failure: None }));
    let when = (AuditRotation::new(), UnixTime::from_secs(0), false);
    let thread = WriterThread::new(disk.clone(), Chain::new(ring()), when, &state, Arc::new(SystemClock));
    let (orders, receiver) = sync_channel(WAITING);
    event(&orders, "lost");
    drop(orders);
    thread.run(&receiver);
    assert_eq!(lock(&state).failure, Some(io::ErrorKind::StorageFull));
    assert_eq!(disk.text(), "");
}
