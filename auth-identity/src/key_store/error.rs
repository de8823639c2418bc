//! Defines [`KeyStoreError`], the error of shared keys.

use std::{error::Error, fmt};

use crate::{BoxError, events::AsDynError, keys::KeyError};

/// The kind of a [`KeyStoreError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyStoreErrorKind {
    /// Other instances kept changing the keys at the same time
    Contended,
    /// The stored document is invalid or needs a newer version
    Invalid,
    /// The rotation or a key is not valid
    Key,
    /// The store is unavailable
    Unavailable,
}

/// Shared keys could not be read or changed; the ring is unchanged.
#[derive(Debug)]
pub struct KeyStoreError {
    kind: KeyStoreErrorKind,
    source: Option<BoxError>,
}

impl KeyStoreError {
    pub(super) const fn new(kind: KeyStoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    pub(super) const fn unavailable(source: BoxError) -> Self {
        Self { kind: KeyStoreErrorKind::Unavailable, source: Some(source) }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> KeyStoreErrorKind {
        self.kind
    }
}

impl From<KeyError> for KeyStoreError {
    fn from(error: KeyError) -> Self {
        Self { kind: KeyStoreErrorKind::Key, source: Some(error.into()) }
    }
}

impl fmt::Display for KeyStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            KeyStoreErrorKind::Contended => "others keep changing the shared keys; try again",
            KeyStoreErrorKind::Invalid => "the stored document holds no shared keys that can be read",
            KeyStoreErrorKind::Key => "a shared key or its rotation is not fit for use",
            KeyStoreErrorKind::Unavailable => "the store of the shared keys does not answer",
        })
    }
}

impl Error for KeyStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl AsDynError for KeyStoreError {
    fn as_dyn_error(&self) -> &(dyn Error + 'static) {
        self
    }
}
