//! Verifies a log and its rotated files: [`verify`], [`verify_file`] and [`verify_file_from`].

use std::{
    fs::File,
    io::{BufRead, BufReader, Read as _},
    path::Path,
};

use super::{
    AuditError, AuditErrorKind, AuditHead,
    chain::{Chain, Entry},
    rotated_files::rotated,
};
use crate::{KeyRing, clock::UnixTime};

/// The name of the first entry of a run.
pub(super) const OPENED: &str = "audit opened";
/// The name of the last entry of an orderly run.
pub(super) const CLOSED: &str = "audit closed";
/// The name of the first entry of a file that continues a rotated one.
pub(super) const CONTINUED: &str = "audit continued";
/// The name of the entry behind a time in which nothing could be written.
pub(super) const GAP: &str = "audit gap";

/// What a valid log contains.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AuditReport {
    start: AuditHead,
    head: AuditHead,
    files: u64,
    runs: u64,
    crashes: u64,
    gaps: u64,
    lost: u64,
    is_closed: bool,
}

impl AuditReport {
    const EMPTY: Self = Self {
        start: AuditHead::NONE,
        head: AuditHead::NONE,
        files: 0,
        runs: 0,
        crashes: 0,
        gaps: 0,
        lost: 0,
        is_closed: false,
    };

    /// Returns the number and the HMAC of the entry before the first one; the number is 0 for a whole log.
    #[must_use]
    pub const fn start(&self) -> AuditHead {
        self.start
    }

    /// Returns the number and the HMAC of the last entry.
    #[must_use]
    pub const fn head(&self) -> AuditHead {
        self.head
    }

    /// Returns the number of files, rotated ones included.
    #[must_use]
    pub const fn files(&self) -> u64 {
        self.files
    }

    /// Returns how often the log was opened.
    #[must_use]
    pub const fn runs(&self) -> u64 {
        self.runs
    }

    /// Returns how many earlier runs have no `audit closed` at their end: the program was killed, or has crashed.
    #[must_use]
    pub const fn crashes(&self) -> u64 {
        self.crashes
    }

    /// Returns how often nothing could be written for a while.
    #[must_use]
    pub const fn gaps(&self) -> u64 {
        self.gaps
    }

    /// Returns how many events were lost in these gaps.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// Returns whether the last entry is `audit closed`. If not, the program runs, has crashed, or entries were cut
    /// off.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.is_closed
    }

    fn add(&mut self, entry: &Entry) {
        match entry.name.as_str() {
            OPENED => {
                let is_crash = self.runs > 0 && !self.is_closed;
                self.crashes = self.crashes.saturating_add(is_crash.into());
                self.runs = self.runs.saturating_add(1);
            }
            GAP => {
                self.gaps = self.gaps.saturating_add(1);
                self.lost = self.lost.saturating_add(entry.lost);
            }
            _ => {}
        }
        self.is_closed = entry.name == CLOSED;
        self.head = entry.head;
    }
}

/// Verifies a log that was never rotated. The ring has the keys that signed it, active or verify-only.
///
/// With `known`, a head that was kept elsewhere, it also detects that entries up to it were cut off.
///
/// # Example
///
/// ```
/// use auth_runtime::{KeyRing, audit};
///
/// let report = audit::verify(&b""[..], KeyRing::random(), None)?;
/// assert_eq!(report.head().seq(), 0);
/// # Ok::<(), audit::AuditError>(())
/// ```
///
/// # Errors
///
/// Fails at the first line that is not as it was written, if the log does not reach `known`, and if it cannot be
/// read. A log that is being written may have an [unfinished](AuditErrorKind::Unfinished) line.
pub fn verify(log: impl BufRead, keys: KeyRing, known: Option<AuditHead>) -> Result<AuditReport, AuditError> {
    let mut reading = Reading::new(keys, Some(AuditHead::NONE), known);
    reading.read(log)?;
    reading.report()
}

/// Verifies a file as [`verify`] does, after the rotated files beside it.
///
/// # Errors
///
/// As [`verify`]; also fails if a rotated file is missing.
pub fn verify_file(
    path: impl AsRef<Path>,
    keys: KeyRing,
    known: Option<AuditHead>,
) -> Result<AuditReport, AuditError> {
    verify_file_from(path, keys, AuditHead::NONE, known)
}

/// Verifies a file whose oldest rotated files were moved elsewhere: `start` is the head of the last one of
/// these.
///
/// # Errors
///
/// As [`verify_file`]; also fails if the files do not begin behind `start`.
pub fn verify_file_from(
    path: impl AsRef<Path>,
    keys: KeyRing,
    start: AuditHead,
    known: Option<AuditHead>,
) -> Result<AuditReport, AuditError> {
    let path = path.as_ref();
    let mut reading = Reading::new(keys, Some(start), known);
    let earlier = rotated(path)?;
    for file in &earlier {
        reading.read_file(file).map_err(|error| error.in_file(file))?;
    }
    let read = reading.read_file(path);
    if earlier.is_empty() { read } else { read.map_err(|error| error.in_file(path)) }?;
    reading.report()
}

/// The length of a line, in bytes, from which it is not an entry: a file without line ends would fill the memory.
const LONGEST: u64 = 16 << 20;

/// The files of a log, as far as they were read.
pub(super) struct Reading {
    chain: Chain,
    /// The last entry; without one, the first file may continue another
    head: Option<AuditHead>,
    report: AuditReport,
    /// The time of the first entry of the last file
    began: Option<UnixTime>,
    known: Option<AuditHead>,
    is_known: bool,
}

impl Reading {
    pub(super) fn new(keys: KeyRing, head: Option<AuditHead>, known: Option<AuditHead>) -> Self {
        let start = head.unwrap_or(AuditHead::NONE);
        let report = AuditReport { start, head: start, ..AuditReport::EMPTY };
        let is_known = known.is_none_or(|known| known == start || known == AuditHead::NONE);
        Self { chain: Chain::new(keys), head, report, began: None, known, is_known }
    }

    pub(super) fn read_file(&mut self, path: &Path) -> Result<(), AuditError> {
        self.read(BufReader::new(File::open(path)?))
    }

    /// Reads one file.
    pub(super) fn read(&mut self, mut log: impl BufRead) -> Result<(), AuditError> {
        self.report.files = self.report.files.saturating_add(1);
        self.began = None;
        let (mut line, mut number) = (Vec::new(), 0_u64);
        loop {
            line.clear();
            let length = log.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
            if length == 0 {
                return Ok(());
            }
            number = number.saturating_add(1);
            let Some(entry) = line.strip_suffix(b"\n") else {
                let is_too_long = u64::try_from(length).is_ok_and(|length| length >= LONGEST);
                let kind = if is_too_long { AuditErrorKind::Malformed } else { AuditErrorKind::Unfinished };
                return Err(AuditError::in_line(kind, number));
            };
            let entry =
                self.chain.read(self.head, entry).map_err(|kind| AuditError::in_line(kind, number))?;
            if self.head.is_none() {
                self.report.start = entry.before;
            }
            self.head = Some(entry.head);
            self.began.get_or_insert(entry.time);
            self.is_known |= self.known == Some(entry.head);
            self.report.add(&entry);
        }
    }

    /// Returns the entry before the first one.
    pub(super) const fn start(&self) -> AuditHead {
        self.report.start
    }

    /// Returns the last entry, if there is one.
    pub(super) const fn head(&self) -> Option<AuditHead> {
        self.head
    }

    /// Returns the time of the first entry of the last file, if it has one.
    pub(super) const fn began(&self) -> Option<UnixTime> {
        self.began
    }

    fn report(&self) -> Result<AuditReport, AuditError> {
        if self.is_known { Ok(self.report) } else { Err(AuditError::new(AuditErrorKind::Truncated)) }
    }
}
