//! Stores keys in a file, for the processes of one host: [`FileKeyStore`].

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::{KeyStore, StoredKeys};
use crate::BoxError;

/// A longer file is not a document of keys.
const MAX_BYTES: u64 = 64 * 1024;
/// The first line, before the number of the revision.
const REVISION: &str = "revision ";

/// Stores shared keys in a file that only its owner can read, for the processes of one user on one host.
///
/// A process that writes locks `PATH.lock`, and replaces the file in one step, so that a process that reads sees the old
/// or the new keys, and a crash or a power failure leaves one of them.
///
/// # Example
///
/// ```no_run
/// use auth_runtime::clock::{Clock, SystemClock};
/// use auth_runtime::key_store::{FileKeyStore, SharedKeyRing};
/// use auth_runtime::keys::Rotation;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = FileKeyStore::new("/var/lib/shop/keys");
/// let keys = SharedKeyRing::open(store, Rotation::every("30d")?, SystemClock.now()).await?;
/// # let _ = keys;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// The file must be a regular one of this user with the mode 0600, without a second name, in a folder that no other user
/// can write to; otherwise each access fails. It contains the keys themselves, unless a root key is needed as well
/// ([`SharedKeyRing::open_with_root_key`](super::SharedKeyRing::open_with_root_key)): keep it out of backups that others
/// can read. File systems of a network may not lock: use a database for several hosts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileKeyStore {
    path: PathBuf,
}

impl FileKeyStore {
    /// Creates a store in this file, which is created with the first keys. Its folder must exist.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Runs file access on a thread that may block.
    async fn on_thread<T: Send + 'static>(
        &self,
        access: impl FnOnce(&Path) -> Result<T, BoxError> + Send + 'static,
    ) -> Result<T, BoxError> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || access(&path)).await?
    }
}

#[async_trait]
impl KeyStore for FileKeyStore {
    async fn load(&self) -> Result<Option<StoredKeys>, BoxError> {
        self.on_thread(read).await
    }

    async fn replace(&self, expected: Option<u64>, keys: &StoredKeys) -> Result<bool, BoxError> {
        let keys = keys.clone();
        self.on_thread(move |path| {
            let lock = open(&beside(path, ".lock"), true)?.ok_or("the lock file is gone")?;
            // Released when the file is closed, also if the process is killed.
            lock.lock()?;
            let is_expected = read(path)?.map(|stored| stored.revision()) == expected;
            if is_expected {
                write(path, &keys)?;
            }
            Ok(is_expected)
        })
        .await
    }
}

fn read(path: &Path) -> Result<Option<StoredKeys>, BoxError> {
    let Some(file) = open(path, false)? else { return Ok(None) };
    // Reserve all room: a growing text would leave copies behind.
    let room = file.metadata()?.len().min(MAX_BYTES).saturating_add(64);
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(room)?));
    file.take(MAX_BYTES.saturating_add(1)).read_to_string(&mut text)?;
    let malformed = || format!("`{}` is not a file of keys", path.display());
    if u64::try_from(text.len())? > MAX_BYTES {
        return Err(malformed().into());
    }
    let (first, keys) = text.split_once('\n').ok_or_else(malformed)?;
    let revision = first.strip_prefix(REVISION).and_then(|number| number.parse().ok());
    Ok(Some(StoredKeys::new(revision.ok_or_else(malformed)?, keys)))
}

/// Replaces the file in one step. The caller holds the lock.
fn write(path: &Path, keys: &StoredKeys) -> Result<(), BoxError> {
    let new = beside(path, ".new");
    // Left by a process that was killed.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(format!("{REVISION}{}\n", keys.revision()).as_bytes())?;
    file.write_all(keys.text().as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    // Makes the new name survive a power failure.
    File::open(folder_of(path))?.sync_all()?;
    Ok(())
}

/// Opens a file, if it is one that only this user can read and replace; `None` if it does not exist.
///
/// What is checked is the opened file (no race between check and use, TOCTOU).
fn open(path: &Path, create: bool) -> Result<Option<File>, BoxError> {
    check_folder(folder_of(path))?;
    // A pipe does not block, and a symbolic link is not followed.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.cast_signed());
    if create {
        options.write(true).create(true).truncate(false).mode(0o600);
    }
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !create => return Ok(None),
        Err(error) => return Err(format!("`{}` cannot be opened: {error}", path.display()).into()),
    };
    let facts = file.metadata()?;
    let flaw = if !facts.is_file() {
        "is not a regular file"
    } else if facts.uid() != rustix::process::geteuid().as_raw() {
        "belongs to another user"
    } else if facts.nlink() != 1 {
        "has a second name; remove the hard link"
    } else if facts.mode() & 0o077 != 0 {
        "can be read or written by others; run `chmod 600` on it"
    } else {
        return Ok(Some(file));
    };
    Err(format!("`{}` {flaw}", path.display()).into())
}

/// Rejects a folder in which another user could replace the file.
fn check_folder(folder: &Path) -> Result<(), BoxError> {
    let facts = fs::metadata(folder)?;
    let is_own = [rustix::process::geteuid().as_raw(), 0].contains(&facts.uid());
    // In a sticky folder such as `/tmp` only owners can rename and remove their files.
    let is_shared = facts.mode() & 0o022 != 0 && facts.mode() & 0o1000 == 0;
    if is_shared || !is_own {
        let folder = folder.display();
        return Err(format!("the folder `{folder}` can be changed by others; run `chmod 700` on it").into());
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
