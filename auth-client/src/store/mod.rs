//! Where tokens live between two runs of a program.

mod file;
mod memory;
#[cfg(not(unix))]
mod other;
mod record;
#[cfg(unix)]
mod unix;

use std::{any::Any, fmt};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

pub use file::FileStore;
pub use memory::MemoryStore;
pub use record::TokenCipher;

use crate::{Error, Token};

/// Keeps tokens between two runs of a program, or for several processes.
///
/// A store gives back only what was saved under the same [`StoreKey`]: the token of one account or provider is never taken
/// for another's.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// Keeps others, in this process and outside, from refreshing the token of this key until the lock is dropped. It waits
    /// for them.
    ///
    /// # Errors
    ///
    /// The store cannot be locked.
    async fn lock(&self, key: &StoreKey) -> Result<StoreLock, Error>;

    /// Returns the token of this key. Contents that cannot be understood are none, and a warning is logged.
    ///
    /// # Errors
    ///
    /// The store cannot be read, or is not safe.
    async fn load(&self, key: &StoreKey) -> Result<Option<Token>, Error>;

    /// Saves the token; it is kept when this returns, and until then the old one is.
    ///
    /// # Errors
    ///
    /// The store cannot be written; the old token is still there.
    async fn save(&self, key: &StoreKey, token: &Token) -> Result<(), Error>;

    /// Forgets the token.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    async fn remove(&self, key: &StoreKey) -> Result<(), Error>;
}

/// What a token is for: provider, client, account and scopes, as one digest.
///
/// ```
/// use auth_client::StoreKey;
///
/// assert_ne!(StoreKey::of(&["https://issuer", "client", "alice"]), StoreKey::of(&["https://issuer", "client", "bob"]));
/// assert_ne!(StoreKey::of(&["ab", "c"]), StoreKey::of(&["a", "bc"]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoreKey(String);

impl StoreKey {
    /// Returns the key of these parts. Each part's length counts, so two lists never meet.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        use fmt::Write as _;
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(part.len().to_be_bytes());
            digest.update(part.as_bytes());
        }
        let text = digest.finalize().iter().fold(String::new(), |mut text, byte| {
            // Writing into a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self(text)
    }

    /// Returns the 64 hexadecimal digits: fit for the name of a file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Holds a lock of a store; dropping it frees the lock.
pub struct StoreLock {
    _held: Box<dyn Any + Send + Sync>,
}

impl StoreLock {
    /// Returns a lock that lasts as long as `held`.
    #[must_use]
    pub fn new(held: impl Any + Send + Sync) -> Self {
        Self { _held: Box::new(held) }
    }
}

impl fmt::Debug for StoreLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreLock")
    }
}
