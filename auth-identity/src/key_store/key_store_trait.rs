//! Defines the extension point for storage of shared keys: the trait [`KeyStore`].

use std::fmt;

use async_trait::async_trait;
use zeroize::Zeroizing;

use crate::BoxError;

/// Stores the keys that the instances of an application share: one document with a revision number.
///
/// The [module](super) lists the stores that there are. With another database, `replace` is an
/// `UPDATE … SET revision = $new, text = $text WHERE name = $name AND revision = $expected` and an `INSERT`
/// for the first document, and returns whether a row was written.
///
/// # Security
///
/// The document contains secrets: reading it allows signing, unless a root key is needed as well
/// ([`SharedKeyRing::open_with_root_key`](super::SharedKeyRing::open_with_root_key)); writing it can end all
/// sessions. Do not log it.
#[async_trait]
pub trait KeyStore: Send + Sync + 'static {
    /// Returns the document that [`replace`](Self::replace) wrote last, if there is one.
    ///
    /// An instance does not accept an older revision than it knows, or a key that a later document has
    /// dropped. If the store has lost its last writes, the instance writes the newest known document again.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable. An absent document is not an error, and an error never stands for
    /// an absent one.
    ///
    /// # Security
    ///
    /// An instance that starts knows no revision and accepts any. Read from the primary, not from a replica
    /// that may lag. After restoring a backup, repeat the revocations since.
    async fn load(&self) -> Result<Option<StoredKeys>, BoxError>;

    /// Writes the document if the stored one still has the revision `expected`, or is absent for `None`.
    /// Returns whether it was written. Both must be one atomic step (compare-and-swap).
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable; the document may or may not have been written.
    async fn replace(&self, expected: Option<u64>, keys: &StoredKeys) -> Result<bool, BoxError>;
}

/// The document of a [`KeyStore`].
#[derive(Clone)]
pub struct StoredKeys {
    revision: u64,
    text: Zeroizing<String>,
}

impl StoredKeys {
    /// Creates a document from the values of [`revision`](Self::revision) and [`text`](Self::text).
    #[must_use]
    pub fn new(revision: u64, text: impl Into<String>) -> Self {
        Self { revision, text: Zeroizing::new(text.into()) }
    }

    /// Returns the number of the revision, which fits into 63 bits.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns the text: a few lines of ASCII, at most 16 KiB.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for StoredKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredKeys({}, [redacted])", self.revision)
    }
}
