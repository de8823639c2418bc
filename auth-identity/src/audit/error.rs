//! Defines [`AuditError`], the errors of writing and verifying an audit log.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

/// A log cannot be opened or written, or it was changed.
#[derive(Debug)]
pub struct AuditError {
    kind: AuditErrorKind,
    file: Option<PathBuf>,
    line: Option<u64>,
    source: Option<io::Error>,
}

/// The kind of an [`AuditError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AuditErrorKind {
    /// An entry was removed or inserted, or entries are in another order
    Broken,
    /// The log is closed
    Closed,
    /// An entry was changed, or was signed with another key
    Forged,
    /// Another process, or another log of this one, has the file open
    InUse,
    /// The file cannot be read or written
    Io,
    /// A line is not an entry
    Malformed,
    /// The log ends before the known head, or has another entry in its place
    Truncated,
    /// The last line has no end
    Unfinished,
}

impl AuditError {
    pub(super) const fn new(kind: AuditErrorKind) -> Self {
        Self { kind, file: None, line: None, source: None }
    }

    pub(super) const fn in_line(kind: AuditErrorKind, line: u64) -> Self {
        Self { kind, file: None, line: Some(line), source: None }
    }

    /// Adds the file, if there are several.
    pub(super) fn in_file(self, file: &Path) -> Self {
        Self { file: Some(file.to_owned()), ..self }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> AuditErrorKind {
        self.kind
    }

    /// Returns the file in which the line is, if the log has several.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Returns the first line that is not as it was written, counted from 1.
    #[must_use]
    pub const fn line(&self) -> Option<u64> {
        self.line
    }
}

impl From<io::Error> for AuditError {
    fn from(error: io::Error) -> Self {
        Self { kind: AuditErrorKind::Io, file: None, line: None, source: Some(error) }
    }
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(match self.kind {
            AuditErrorKind::Broken => {
                "an entry was removed or inserted before this line, or the order was changed"
            }
            AuditErrorKind::Closed => "the audit log is closed",
            AuditErrorKind::Forged => "the entry was changed, or was signed with another key",
            AuditErrorKind::InUse => "the audit log is open elsewhere",
            AuditErrorKind::Io => "the audit log cannot be read or written",
            AuditErrorKind::Malformed => "this is not an entry of an audit log",
            AuditErrorKind::Truncated => {
                "the log does not reach the known head: entries were cut off at its end"
            }
            AuditErrorKind::Unfinished => "the last entry has no end: it was cut, or the program was killed",
        })
    }
}

impl Error for AuditError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as &(dyn Error + 'static))
    }
}
