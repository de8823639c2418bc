//! Logs events to a tamper-evident file, a chain of HMACs, and verifies it: [`AuditLog`] and [`verify`].
//!
//! # Format
//!
//! Each event is one line, a JSON object:
//!
//! ```text
//! {"seq":2,"time":1700000000,"level":"INFO","event":"deny","fields":{"user":"bob"},"prev":"5f…","key":"19…","mac":"e3…"}
//! ```
//!
//! `mac` is the HMAC-SHA-256 of all bytes of the line before `,"mac"`, with a subkey that is derived for this
//! purpose from the root key `key` of the ring. `prev` is the `mac` of the line before; it is zero in the
//! first. `seq` counts from 1, and `time` is in seconds since 1970. The first entry of each run of the
//! program is `audit opened`, and the last of an orderly one is `audit closed`.
//!
//! # What is detected
//!
//! | change of the file | how |
//! |---|---|
//! | a changed, inserted or copied entry | its HMAC or its place in the chain is wrong |
//! | a removed entry, also the first, and entries in another order | the chain is broken |
//! | a cut within an entry | the last line has no end |
//! | entries that are cut off at the end | the log ends before a known [`AuditHead`]; see below |
//! | a removed, cut or exchanged rotated file | the next file does not continue it |
//!
//! # Rotation
//!
//! A file of 64 MiB, or what an [`AuditRotation`] says, is renamed: `audit.jsonl` becomes
//! `audit.jsonl.00000000000000004002`, with the number of its last entry, and `audit.jsonl` begins again. Its
//! first entry is `audit continued`, and has the HMAC of the last entry of the file before in `prev`, so all
//! files are one chain, which [`verify_file`] verifies. No file is deleted. Files may be moved elsewhere, the
//! oldest first: keep the head of the last one, which is in the event `audit rotated` (target `auth_audit`),
//! for [`verify_file_from`].
//!
//! # Failures
//!
//! If a write fails, such as on a full disk, what was written of it is removed, and it is tried again each
//! second, with each flush and when the log is closed. Up to 4,096 events are kept meanwhile; later ones are
//! lost. When the disk is back, the entry `audit gap` has the time of the failure (`since`), its kind
//! (`error`), and how many events were lost (`lost`); those that were kept follow. [`AuditLog::check`] fails
//! in between. With the feature `metrics`, the gauge `auth_audit_failing` is 1 then, and the counter
//! `auth_audit_lost_total` counts lost events.
//!
//! # What cannot be detected
//!
//! - Without a known head, entries that are cut off at the end: [`AuditReport::is_closed`] is `false` then,
//!   as it is after a crash and while the program runs. Keep the heads elsewhere: each 1,000 entries, and
//!   when the log is closed, an event `audit checkpoint` with the target `auth_audit` has the head in its
//!   field `head`. Send it to another machine with the other logs.
//! - That the whole file was removed, or replaced by an older copy, without a known head.
//! - Forgeries by anyone who has the key. An attacker who controls the running program has it.
//! - Events that were never written: of a program that was killed, or beyond those that are kept while the
//!   disk is full.
//! - Whether an event is true.

mod chain;
mod error;
#[cfg(test)]
mod recovery_tests;
mod rotated_files;
mod rotation_settings;
mod tracing_layer;
mod verify;
mod writer;
mod writer_thread;

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{Level, Subscriber};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

pub use chain::AuditHead;
pub use error::{AuditError, AuditErrorKind};
pub use rotation_settings::AuditRotation;
pub use verify::{AuditReport, verify, verify_file, verify_file_from};

use crate::{
    KeyRing,
    clock::{Clock, SystemClock},
    events::TARGET,
};
use tracing_layer::AuditLayer;
use writer::Writer;

/// Appends the events of the target `auth` to a file. Clones share it.
///
/// # Example
///
/// ```no_run
/// use auth_runtime::{BoxError, Key, KeyRing, audit::AuditLog};
/// use tracing_subscriber::prelude::*;
///
/// # fn example(key: Key) -> Result<(), BoxError> {
/// let audit = AuditLog::open("/var/log/shop/audit.jsonl", KeyRing::new(key))?;
/// tracing_subscriber::registry().with(audit.layer()).with(tracing_subscriber::fmt::layer()).init();
/// // … serve …
/// audit.close()?;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// Use a key of its own, which readers of the file do not have, and keep retired keys for as long as the logs
/// that they signed. The layer has a filter of its own; a global filter around it, or a maximum level of the
/// crate `tracing`, can hide events from it.
///
/// The file contains the names of users, and has the mode 0600 on Unix.
#[derive(Clone)]
#[must_use]
pub struct AuditLog {
    writer: Arc<Writer>,
    clock: Arc<dyn Clock>,
    level: Level,
}

impl AuditLog {
    /// Opens a log, and creates the file if there is none. An existing one is verified first, with the newest
    /// rotated file, which reads all of both.
    ///
    /// A thread writes the entries. It waits until the disk has them; an event waits only if 1,024 others do.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written, if another process or another log has it open, and if it is not a
    /// valid log of this ring: move it away then, and find out why.
    pub fn open(path: impl AsRef<Path>, keys: KeyRing) -> Result<Self, AuditError> {
        Self::open_with(path, keys, SystemClock)
    }

    /// Opens a log whose times are those of a clock.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(path: impl AsRef<Path>, keys: KeyRing, clock: impl Clock) -> Result<Self, AuditError> {
        Self::open_rotating(path, keys, AuditRotation::new(), clock)
    }

    /// Opens a log that begins a new file when `rotation` says so, and whose times are those of a clock.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_rotating(
        path: impl AsRef<Path>,
        keys: KeyRing,
        rotation: AuditRotation,
        clock: impl Clock,
    ) -> Result<Self, AuditError> {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let writer = Arc::new(Writer::open(path.as_ref(), keys, rotation, Arc::clone(&clock))?);
        Ok(Self { writer, clock, level: Level::INFO })
    }

    /// Records events up to this level. The default is INFO, which has denied requests; DEBUG also has those
    /// that were allowed.
    pub const fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Returns the layer for a `tracing` subscriber.
    #[must_use]
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let recorder = AuditLayer::new(Arc::clone(&self.writer), Arc::clone(&self.clock));
        let level = self.level;
        // The whole target: those of other crates begin with the same letters, and so does that of the log
        // itself. What is neither an event nor a span asks whether events are wanted.
        let is_ours =
            filter_fn(move |event| event.target() == TARGET && !event.is_span() && *event.level() <= level);
        recorder.with_filter(is_ours.with_max_level_hint(level))
    }

    /// Returns the head: the number and the HMAC of the last entry that is on the disk.
    #[must_use]
    pub fn head(&self) -> AuditHead {
        self.writer.head()
    }

    /// Waits until all events so far are on the disk.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn flush(&self) -> Result<(), AuditError> {
        self.writer.flush()
    }

    /// Fails while entries cannot be written, for example because the disk is full.
    ///
    /// # Errors
    ///
    /// Fails if the last attempt to write has failed.
    pub fn check(&self) -> Result<(), AuditError> {
        self.writer.check()
    }

    /// Writes the last entry, `audit closed`. Later events are not recorded.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn close(&self) -> Result<(), AuditError> {
        self.writer.close()
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLog")
            .field("head", &self.head())
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

/// A panic while the lock is held leaves a complete value.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
