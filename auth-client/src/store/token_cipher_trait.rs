//! Defines the extension point for the encryption of token files: the trait [`TokenCipher`].

use crate::Error;

/// Encrypts the files of a [`FileStore`](crate::FileStore). The implementation manages keys and nonces.
pub trait TokenCipher: Send + Sync {
    /// Encrypts and authenticates the bytes.
    ///
    /// # Errors
    ///
    /// Fails if the key is not available.
    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, Error>;

    /// Decrypts the bytes, or returns `None` if this cipher did not seal them.
    fn open(&self, sealed: &[u8]) -> Option<Vec<u8>>;
}
