//! Reads overlays from a file: [`OverlayFile`].

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;

use super::{OverlaySource, source_and_store_traits::LONGEST};
use crate::BoxError;

/// Reads the rules of overlays from a file.
///
/// The whole file is read at each interval and compared with the last one, so replacing it is noticed on
/// every file system, network and loopback mounts included. Write another file beside it and rename that: a
/// reader then sees either the old or the new document. A file that is read while it is written is not a JSON
/// document, and the rules before stay in force until the next interval.
///
/// A file that is missing is an error, and not a document without rules.
#[derive(Clone, Debug)]
pub struct OverlayFile {
    path: PathBuf,
    is_reading: Arc<AtomicBool>,
}

impl OverlayFile {
    /// Creates a source; the file is not read yet.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned(), is_reading: Arc::default() }
    }
}

#[async_trait]
impl OverlaySource for OverlayFile {
    async fn load(&self) -> Result<Option<String>, BoxError> {
        let (path, is_reading) = (self.path.clone(), Arc::clone(&self.is_reading));
        // A file system that does not answer would take one thread for each attempt.
        if is_reading.swap(true, Ordering::SeqCst) {
            return Err("the last read of the file has not ended".into());
        }
        // Reading a file waits for the disk, or for the network that it is mounted from.
        let reading = tokio::task::spawn_blocking(move || {
            let document = read(&path);
            is_reading.store(false, Ordering::SeqCst);
            document
        });
        Ok(reading.await??)
    }
}

fn read(path: &Path) -> io::Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    // One byte more than is allowed tells a document that is too long.
    let longest = u64::try_from(LONGEST).unwrap_or(u64::MAX).saturating_add(1);
    file.take(longest).read_to_string(&mut text)?;
    Ok(Some(text))
}
