//! Tokens in a file.

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

use super::{StoreKey, StoreLock, TokenCipher, TokenStore, record};
use crate::{Error, Token};

#[cfg(not(unix))]
use super::other as system;
#[cfg(unix)]
use super::unix as system;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 1024 * 1024;
/// How often a lock that another process has is asked for.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Keeps tokens in files of mode 0600, which are replaced in one piece, and locked while one process refreshes.
///
/// - A file that others can read, a link, or somebody else's file is refused, with the command that puts it right.
/// - A file that cannot be understood is taken for none, with a warning: the next log-in replaces it.
/// - Whatever happens while it is written, a power failure or a full disk, the old content or the new one is there.
/// - The path is used as it is given. Beside it is a lock file, with `.lock` at its end; it stays, and is empty.
///
/// ```
/// use auth_client::FileStore;
///
/// let store = FileStore::new("/home/me/.config/photos/token.json");
/// ```
///
/// # Security
///
/// Files are for their owner only, and yet plain text: [`with_cipher`](Self::with_cipher) encrypts them. What a file system,
/// a backup or a solid-state disk keeps of deleted files is out of reach. On systems other than Unix, owners and modes are
/// not checked.
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
    /// Returns a store of one token, at this path. The folders above are made when they are needed, with mode 0700.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { place: Place::File(path.into()), cipher: None }
    }

    /// Returns a store of many tokens, each in a file of its own in this folder. The files' names are the
    /// [`StoreKey`]s: no name of an account is part of a path.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { place: Place::Folder(folder.into()), cipher: None }
    }

    /// Encrypts the files. Files from before are not understood any more.
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

    /// Files are slow, so they are handled on a thread that may wait.
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
        // Room for all of it, and a little more so that its end is seen: a buffer that grows leaves copies behind.
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
        match plain.ok_or(record::Unusable::Broken).and_then(|plain| record::read(key, &plain)) {
            Ok(token) => Ok(Some(token)),
            Err(record::Unusable::Broken) => {
                tracing::warn!(target: "auth_client", path = %path.display(), "the token file is damaged; it is not used");
                Ok(None)
            }
            Err(record::Unusable::OtherKey) => {
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
        let plain = record::write(key, token)?;
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

/// A hidden name that begins like the file's.
fn beside(path: &Path, ending: &str) -> OsString {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(ending);
    name
}

/// Removes what processes left behind that were killed while they wrote. Whoever writes holds the lock, so none of these
/// files is in use.
fn sweep(folder: &Path, prefix: &OsString) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes()) {
            // Nothing depends on it; the next one who writes tries again.
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
        // Asked again and again, and not waited for on a thread: that would go on when nobody wants the lock any more, and
        // whoever has it may be waiting for a person.
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
