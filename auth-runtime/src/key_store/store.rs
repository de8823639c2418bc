//! The seam for one's own storage.

use std::fmt;

use async_trait::async_trait;
use zeroize::Zeroizing;

use crate::BoxError;

/// Where the machines of an application keep the keys that they share: one document, with the number of its revision.
///
/// [`MemoryKeyStore`](super::MemoryKeyStore) is one, for tests. With a database, `replace` is an
/// `UPDATE … SET revision = $new, text = $text WHERE name = $name AND revision = $expected` and an `INSERT` for the first
/// one, and the answer is whether a row was written.
///
/// # Security
///
/// The document holds secrets: who reads it can sign, unless a master key is needed besides
/// ([`SharedKeyRing::open_with_master`](super::SharedKeyRing::open_with_master)); who writes it can end all sessions. Do
/// not log it.
#[async_trait]
pub trait KeyStore: Send + Sync + 'static {
    /// Returns the document, if there is one: the one that [`replace`](Self::replace) wrote last.
    ///
    /// A machine takes no document with an older revision than one that it knows, and no key back that a later document had
    /// dropped. Where the store has lost its last writes, the machine writes the newest document that it knows again.
    ///
    /// # Errors
    ///
    /// Fails when the store cannot be asked. An absent document is not an error, and an error never stands for an absent one.
    ///
    /// # Security
    ///
    /// A machine that starts knows no revision, and takes what it gets. Read from where is written, not from a replica that
    /// may lag; after restoring a backup of the store, revoke again what was revoked since.
    async fn load(&self) -> Result<Option<StoredKeys>, BoxError>;

    /// Writes the document if the stored one still has the revision `expected`, or if there is none where that is `None`;
    /// returns whether it was written. Both happen in one step.
    ///
    /// # Errors
    ///
    /// Fails when the store cannot be asked; the document may then be written or not.
    async fn replace(&self, expected: Option<u64>, keys: &StoredKeys) -> Result<bool, BoxError>;
}

/// The document of a [`KeyStore`].
#[derive(Clone)]
pub struct StoredKeys {
    revision: u64,
    text: Zeroizing<String>,
}

impl StoredKeys {
    /// Makes one of what [`revision`](Self::revision) and [`text`](Self::text) returned.
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
