//! Names, finds and makes the rotated files of a log: [`LogFile`], [`rotated`].
//!
//! `audit.jsonl` becomes `audit.jsonl.00000000000000004002`, with the number of its last entry, so that the
//! order of the names is that of the files.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{AuditError, AuditErrorKind};

/// How many digits the number of an entry has in the name of a file.
const DIGITS: usize = 20;

/// What a log is written to.
pub(super) trait Disk: Send + 'static {
    /// Appends lines, and waits until the disk has them. A failure leaves none of them behind: they are
    /// removed at once, or before the next lines are written.
    fn append(&mut self, lines: &[u8]) -> io::Result<()>;

    /// Moves the file away, and begins an empty one. After a failure the old file goes on.
    fn rotate(&mut self, last: u64) -> io::Result<()>;

    /// Returns the length of the file, in bytes.
    fn length(&self) -> u64;
}

/// The file that is written, locked against other writers.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    /// The length of the entries that are on the disk
    length: u64,
    /// A part of an entry may follow
    is_torn: bool,
}

impl LogFile {
    /// Opens a file, and creates it if there is none.
    pub(super) fn open(path: &Path) -> Result<Self, AuditError> {
        let file = options().create(true).open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => AuditError::new(AuditErrorKind::InUse),
            TryLockError::Error(error) => error.into(),
        })?;
        let length = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, length, is_torn: false })
    }

    pub(super) const fn file(&self) -> &File {
        &self.file
    }
}

impl Disk for LogFile {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.length)?;
            self.is_torn = false;
        }
        match self.file.write_all(lines).and_then(|()| self.file.sync_data()) {
            Ok(()) => {
                let added = u64::try_from(lines.len()).unwrap_or(u64::MAX);
                self.length = self.length.saturating_add(added);
                Ok(())
            }
            Err(error) => {
                self.is_torn = self.file.set_len(self.length).is_err();
                Err(error)
            }
        }
    }

    fn rotate(&mut self, last: u64) -> io::Result<()> {
        let away = rotated_path(&self.path, last);
        if away.try_exists()? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(&self.path, &away)?;
        let begun = options().create_new(true).open(&self.path).and_then(|file| {
            file.try_lock()?;
            Ok(file)
        });
        match begun {
            Ok(file) => {
                (self.file, self.length) = (file, 0);
                Ok(())
            }
            Err(error) => {
                // Go on with the old file under its old name.
                fs::rename(&away, &self.path)?;
                Err(error)
            }
        }
    }

    fn length(&self) -> u64 {
        self.length
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn rotated_path(path: &Path, last: u64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{last:0DIGITS$}"));
    name.into()
}

/// Returns the rotated files of a log, the oldest first.
pub(super) fn rotated(path: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(name) = path.file_name() else { return Ok(Vec::new()) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut found = Vec::new();
    for file in fs::read_dir(folder.unwrap_or(Path::new(".")))? {
        let file = file?;
        let own = file.file_name();
        let end = own.as_encoded_bytes().strip_prefix(name.as_encoded_bytes());
        let digits = end.and_then(|end| end.strip_prefix(b"."));
        if digits.is_some_and(|digits| digits.len() == DIGITS && digits.iter().all(u8::is_ascii_digit)) {
            found.push(file.path());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    // A part of an entry that a failed write has left, and that could not be removed at once.
    #[test]
    fn a_torn_entry_is_removed_before_the_next_one_is_written() {
        let path = std::env::temp_dir().join(format!("audit-torn-{}", std::process::id()));
        let mut log = LogFile::open(&path).unwrap();
        log.append(b"one\n").unwrap();
        let writable = std::mem::replace(&mut log.file, File::open(&path).unwrap());
        assert!(log.append(b"two\n").is_err());
        assert!(log.is_torn);
        (&writable).write_all(b"tw").unwrap();
        log.file = writable;
        log.append(b"three\n").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap(), log.length()), ("one\nthree\n".to_owned(), 10));
        fs::remove_file(&path).unwrap();
    }
}
