//! Opens token files on systems other than Unix, without checks of owners and modes.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

use crate::Error;

pub(super) fn open(path: &Path, create: bool) -> Result<Option<File>, Error> {
    match OpenOptions::new().read(true).write(create).create(create).truncate(false).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !create => Ok(None),
        Err(error) => {
            Err(Error::storage(format!("`{}` cannot be opened", path.display())).with_source(error))
        }
    }
}

pub(super) fn make_folder(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| {
        Error::storage(format!("`{}` cannot be created", folder.display())).with_source(error)
    })
}

/// Does nothing: a renamed file survives a power failure, or the system cannot ensure it.
pub(super) fn sync_folder(_folder: &Path) -> Result<(), Error> {
    Ok(())
}
