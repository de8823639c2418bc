//! Configures when a log begins a new file: [`AuditRotation`].

use std::time::Duration;

use crate::clock::UnixTime;

/// When a log begins a new file: after so many bytes, or so much time.
///
/// The default is 64 MiB, and any time.
///
/// # Example
///
/// ```no_run
/// use auth_runtime::{BoxError, Key, KeyRing, audit::{AuditLog, AuditRotation}, clock::SystemClock};
/// use std::time::Duration;
///
/// # fn example(key: Key) -> Result<(), BoxError> {
/// let daily = AuditRotation::new().with_age(Duration::from_hours(24));
/// let audit = AuditLog::open_rotating("/var/log/shop/audit.jsonl", KeyRing::new(key), daily, SystemClock)?;
/// # let _ = audit;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct AuditRotation {
    size: u64,
    age: Duration,
}

impl AuditRotation {
    /// Begins a new file after 64 MiB.
    pub const fn new() -> Self {
        Self { size: 64 * 1024 * 1024, age: Duration::MAX }
    }

    /// Begins a new file when one has so many bytes.
    pub const fn with_size(mut self, bytes: u64) -> Self {
        self.size = bytes;
        self
    }

    /// Begins a new file when the first entry of one is so old, with the next event. By default the age does
    /// not matter.
    pub const fn with_age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// Returns whether a file of this length, which began at this time, is to be rotated.
    pub(super) fn is_due(&self, length: u64, began: UnixTime, now: UnixTime) -> bool {
        length >= self.size || now.since(began) >= self.age
    }
}

impl Default for AuditRotation {
    fn default() -> Self {
        Self::new()
    }
}
