//! Persists tokens between runs and processes: the trait [`TokenStore`].

mod file_store;
mod memory_store;
#[cfg(not(unix))]
mod non_unix_files;
mod token_cipher_trait;
mod token_record;
#[cfg(unix)]
mod unix_files;

use std::{any::Any, fmt};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

pub use file_store::FileStore;
pub use memory_store::MemoryStore;
pub use token_cipher_trait::TokenCipher;

use crate::{Error, Token};

/// Stores tokens between runs of a program, or for several processes.
///
/// A store returns only what was saved under the same [`StoreKey`], so a token is never used for another
/// account or server.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// Locks the token of this key, against refreshes of this and other processes, until the lock is dropped.
    /// Waits for a lock that is held.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be locked.
    async fn lock(&self, key: &StoreKey) -> Result<StoreLock, Error>;

    /// Returns the token of this key. Content that cannot be parsed counts as absent, and a warning is
    /// logged.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be read, or is not safe.
    async fn load(&self, key: &StoreKey) -> Result<Option<Token>, Error>;

    /// Saves the token durably before it returns; until then the old one is kept.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be written; the old token is kept.
    async fn save(&self, key: &StoreKey, token: &Token) -> Result<(), Error>;

    /// Removes the token.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be written.
    async fn remove(&self, key: &StoreKey) -> Result<(), Error>;
}

/// Identifies a token by server, client, account and scopes, as one digest.
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
    /// Hashes the parts with their lengths, so that different lists have different keys.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        use fmt::Write as _;
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(part.len().to_be_bytes());
            digest.update(part.as_bytes());
        }
        let text = digest.finalize().iter().fold(String::new(), |mut text, byte| {
            // Writing into a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self(text)
    }

    /// Returns 64 hexadecimal digits, safe for a file name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Encrypts a token for a [`TokenStore`] of the application's own, such as one in a database. The key is
    /// part of what is encrypted.
    ///
    /// # Errors
    ///
    /// Fails if the cipher fails.
    pub fn seal(&self, token: &Token, cipher: &dyn TokenCipher) -> Result<Vec<u8>, Error> {
        cipher.seal(&token_record::write(self, token)?)
    }

    /// Decrypts what [`seal`](Self::seal) encrypted; `None` if the cipher did not seal it, or it was sealed
    /// for another key.
    ///
    /// # Security
    ///
    /// Who can write the database cannot exchange the tokens of two accounts.
    #[must_use]
    pub fn open(&self, sealed: &[u8], cipher: &dyn TokenCipher) -> Option<Token> {
        let plain = zeroize::Zeroizing::new(cipher.open(sealed)?);
        token_record::read(self, &plain).ok()
    }
}

/// Holds a lock of a store and releases it when dropped.
pub struct StoreLock {
    _held: Box<dyn Any + Send + Sync>,
}

impl StoreLock {
    /// Creates a lock that lasts as long as `held`.
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
