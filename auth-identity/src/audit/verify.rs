//! Verifies an audit log: [`verify`], [`verify_file`].

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use super::{AuditError, AuditErrorKind, AuditHead, chain::Chain};
use crate::KeyRing;

/// The name of the first entry of a run.
pub(super) const OPENED: &str = "audit opened";
/// The name of the last entry of an orderly run.
pub(super) const CLOSED: &str = "audit closed";

/// What a valid log contains.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AuditReport {
    head: AuditHead,
    runs: u64,
    crashes: u64,
    is_closed: bool,
}

impl AuditReport {
    /// Returns the number and the HMAC of the last entry.
    #[must_use]
    pub const fn head(&self) -> AuditHead {
        self.head
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

    /// Returns whether the last entry is `audit closed`. If not, the program runs, has crashed, or entries were cut
    /// off.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.is_closed
    }
}

/// Verifies a log. The ring has the keys that signed it, active or verify-only.
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
pub fn verify(
    mut log: impl BufRead,
    keys: KeyRing,
    known: Option<AuditHead>,
) -> Result<AuditReport, AuditError> {
    let chain = Chain::new(keys);
    let mut report = AuditReport { head: AuditHead::NONE, runs: 0, crashes: 0, is_closed: false };
    let mut is_known = known.is_none_or(|known| known == AuditHead::NONE);
    let (mut line, mut number) = (Vec::new(), 0_u64);
    loop {
        line.clear();
        if log.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        number = number.saturating_add(1);
        let Some(entry) = line.strip_suffix(b"\n") else {
            return Err(AuditError::in_line(AuditErrorKind::Unfinished, number));
        };
        let (head, event) =
            chain.read(report.head, entry).map_err(|kind| AuditError::in_line(kind, number))?;
        if event == OPENED {
            report.crashes = report.crashes.saturating_add((report.runs > 0 && !report.is_closed).into());
            report.runs = report.runs.saturating_add(1);
        }
        report.is_closed = event == CLOSED;
        report.head = head;
        is_known |= known == Some(head);
    }
    if is_known { Ok(report) } else { Err(AuditError::new(AuditErrorKind::Truncated)) }
}

/// Verifies a file as [`verify`] does.
///
/// # Errors
///
/// As [`verify`].
pub fn verify_file(
    path: impl AsRef<Path>,
    keys: KeyRing,
    known: Option<AuditHead>,
) -> Result<AuditReport, AuditError> {
    verify(BufReader::new(File::open(path)?), keys, known)
}
