//! Opens token files on Unix such that only their owner can read them.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use crate::Error;

/// Opens a file to read or lock it, if it is a regular file of this user that others cannot read.
///
/// It checks the opened file (no race between check and use, TOCTOU). It does not follow symbolic links, and
/// a pipe does not block.
pub(super) fn open(path: &Path, create: bool) -> Result<Option<File>, Error> {
    use rustix::fs::OFlags;
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.cast_signed());
    if create {
        options.write(true).create(true).truncate(false).mode(0o600);
    }
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !create => return Ok(None),
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(unsafe_file(path, "is a symbolic link; give the path of the file itself"));
        }
        Err(error) => return Err(failed("opened", path, error)),
    };
    let facts = file.metadata().map_err(|error| failed("inspected", path, error))?;
    if !facts.is_file() {
        return Err(unsafe_file(path, "is not a regular file"));
    }
    if facts.uid() != rustix::process::geteuid().as_raw() {
        return Err(unsafe_file(path, "belongs to another user"));
    }
    if facts.nlink() != 1 {
        return Err(unsafe_file(path, "has a second name; remove the hard link"));
    }
    if facts.mode() & 0o077 != 0 {
        return Err(unsafe_file(path, "can be read or written by others; run `chmod 600` on it"));
    }
    Ok(Some(file))
}

/// Creates missing folders for the owner only. Rejects an existing folder that everyone can write to.
pub(super) fn make_folder(folder: &Path) -> Result<(), Error> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| failed("created", folder, error))?;
    let facts = fs::metadata(folder).map_err(|error| failed("inspected", folder, error))?;
    // A sticky folder such as `/tmp`, where only owners can remove their files, is accepted.
    if facts.mode() & 0o002 != 0 && facts.mode() & 0o1000 == 0 {
        return Err(unsafe_file(folder, "can be changed by everybody; run `chmod 700` on it"));
    }
    Ok(())
}

/// Makes a rename survive a power failure.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| failed("synced", folder, error))
}

fn unsafe_file(path: &Path, what: &str) -> Error {
    Error::storage(format!("`{}` {what}", path.display()))
}

fn failed(what: &str, path: &Path, error: io::Error) -> Error {
    Error::storage(format!("`{}` cannot be {what}", path.display())).with_source(error)
}
