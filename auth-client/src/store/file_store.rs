//! Stores tokens in files: [`FileStore`].

use std::{
    ffi::OsString,
    fmt,
    fs::{self, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::{StoreKey, StoreLock, TokenCipher, TokenStore, token_record};
use crate::{Error, Token};

#[cfg(not(unix))]
use super::non_unix_files as system;
#[cfg(unix)]
use super::unix_files as system;

/// The maximum file length, in bytes.
const LONGEST: u64 = 1024 * 1024;
/// The polling interval for a lock that another process holds.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Stores tokens in files with mode 0600 that are replaced atomically and locked during a refresh.
///
/// - A file that others can read, a symbolic link, or a file of another user is rejected with the command
///   that fixes it.
/// - A file that cannot be parsed counts as absent, with a warning; the next log-in replaces it.
/// - After a power failure or with a full disk, the file has either the old or the new content.
/// - The path is used as given. Next to it is an empty lock file that ends with `.lock`; it stays.
///
/// ```
/// use auth_client::FileStore;
///
/// let store = FileStore::new("/home/me/.config/photos/token.json");
/// ```
///
/// # Security
///
/// Files are readable by their owner only, but not encrypted unless [`with_cipher`](Self::with_cipher) is
/// set. Remains of deleted files in file systems, backups and solid-state disks are out of reach. On systems
/// other than Unix, owners and modes are not checked.
#[derive(Clone)]
pub struct FileStore {
    place: Place,
    cipher: Option<Arc<dyn TokenCipher>>,
}

#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Folder(PathBuf),
}

impl FileStore {
    /// Creates a store for one token at this path. Missing folders are created with mode 0700.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { place: Place::File(path.into()), cipher: None }
    }

    /// Creates a store for many tokens, one file each in this folder. File names are the [`StoreKey`]s, so
    /// account names are not part of a path (path traversal).
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { place: Place::Folder(folder.into()), cipher: None }
    }

    /// Encrypts the files. Existing plain files can no longer be read.
    #[must_use]
    pub fn with_cipher(mut self, cipher: impl TokenCipher + 'static) -> Self {
        self.cipher = Some(Arc::new(cipher));
        self
    }

    fn path(&self, key: &StoreKey) -> PathBuf {
        match &self.place {
            Place::File(path) => path.clone(),
            Place::Folder(folder) => folder.join(key.as_str()),
        }
    }

    /// Runs file operations on a thread that may block.
    async fn on_thread<T: Send + 'static>(
        &self,
        key: &StoreKey,
        work: impl FnOnce(&Self, &StoreKey, &Path) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (store, key) = (self.clone(), key.clone());
        tokio::task::spawn_blocking(move || {
            let path = store.path(&key);
            work(&store, &key, &path)
        })
        .await
        .map_err(|_| Error::storage("the thread that handles the token file ended early"))?
    }

    fn read(&self, key: &StoreKey, path: &Path) -> Result<Option<Token>, Error> {
        let Some(file) = system::open(path, false)? else { return Ok(None) };
        // Reserve the file length plus one byte to detect the end: a growing buffer leaves copies behind.
        let length = file.metadata().map_or(0, |facts| facts.len().min(LONGEST)).saturating_add(64);
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or_default()));
        file.take(LONGEST.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| {
            Error::storage(format!("`{}` cannot be read", path.display())).with_source(error)
        })?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
            tracing::warn!(target: "auth_client", path = %path.display(), "the token file is too long; it is not used");
            return Ok(None);
        }
        let plain = match &self.cipher {
            None => Some(bytes),
            Some(cipher) => cipher.open(&bytes).map(Zeroizing::new),
        };
        match plain.ok_or(token_record::Unusable::Broken).and_then(|plain| token_record::read(key, &plain)) {
            Ok(token) => Ok(Some(token)),
            Err(token_record::Unusable::Broken) => {
                tracing::warn!(target: "auth_client", path = %path.display(), "the token file is damaged; it is not used");
                Ok(None)
            }
            Err(token_record::Unusable::OtherKey) => {
                tracing::warn!(
                    target: "auth_client",
                    path = %path.display(),
                    "the token file belongs to another account, client, provider or list of scopes; it is not used"
                );
                Ok(None)
            }
        }
    }

    fn write(&self, key: &StoreKey, path: &Path, token: &Token) -> Result<(), Error> {
        let failed = |error: io::Error| {
            Error::storage(format!("`{}` cannot be written", path.display())).with_source(error)
        };
        let folder = folder_of(path);
        system::make_folder(&folder)?;
        let plain = token_record::write(key, token)?;
        let bytes = match &self.cipher {
            None => plain,
            Some(cipher) => Zeroizing::new(cipher.seal(&plain)?),
        };
        let prefix = beside(path, ".new-");
        sweep(&folder, &prefix);
        let mut file = tempfile::Builder::new().prefix(&prefix).tempfile_in(&folder).map_err(failed)?;
        file.write_all(&bytes).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        system::sync_folder(&folder)
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Returns a hidden file name with the file's name as prefix.
fn beside(path: &Path, ending: &str) -> OsString {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(ending);
    name
}

/// Removes temporary files of killed processes. The caller holds the lock, so none of them is in use.
fn sweep(folder: &Path, prefix: &OsString) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes()) {
            // Ignore errors: the next writer tries again.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

#[async_trait]
impl TokenStore for FileStore {
    async fn lock(&self, key: &StoreKey) -> Result<StoreLock, Error> {
        let path = lock_path(&self.path(key));
        let failed =
            |error| Error::storage(format!("`{}` cannot be locked", path.display())).with_source(error);
        let place = path.clone();
        let opened = self.on_thread(key, move |_, _, _| {
            system::make_folder(&folder_of(&place))?;
            system::open(&place, true)
        });
        let file = opened.await?.ok_or_else(|| failed(io::Error::from(io::ErrorKind::NotFound)))?;
        // Poll instead of blocking a thread: a blocked thread would stay after the caller is gone, and the
        // lock may be held while a user logs in.
        let mut pause = FIRST_PAUSE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(StoreLock::new(file)),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(pause).await,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    async fn load(&self, key: &StoreKey) -> Result<Option<Token>, Error> {
        self.on_thread(key, Self::read).await
    }

    async fn save(&self, key: &StoreKey, token: &Token) -> Result<(), Error> {
        let token = token.clone();
        self.on_thread(key, move |store, key, path| store.write(key, path, &token)).await
    }

    async fn remove(&self, key: &StoreKey) -> Result<(), Error> {
        self.on_thread(key, |_, _, path| {
            sweep(&folder_of(path), &beside(path, ".new-"));
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(Error::storage(format!("`{}` cannot be removed", path.display())).with_source(error))
                }
                _ => Ok(()),
            }
        })
        .await
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore")
            .field("place", &self.place)
            .field("encrypted", &self.cipher.is_some())
            .finish()
    }
}
