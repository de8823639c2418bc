//! Defines [`KeyError`], the error of keys and key rings.

use std::{error::Error, fmt};

/// The kind of a [`KeyError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyErrorKind {
    /// The active key cannot be removed
    Active,
    /// The keys are derived from a root key and cannot be chosen
    Derived,
    /// The ring already has this key
    Duplicate,
    /// The text is not base64
    NotBase64,
    /// The operating system gave no random bytes
    NoRandomness,
    /// The secret looks like text that a human chose
    Passphrase,
    /// The secret has too few different bytes
    Repetitive,
    /// The ring is full
    RingFull,
    /// The keys of the ring come from a rotation
    Rotating,
    /// The keys are shared with other instances
    Shared,
    /// The interval is so short, or the credential lifetime so long, that too many keys would be needed at a
    /// time
    TooManyKeys,
    /// The secret has fewer than 32 bytes
    TooShort,
    /// The ring does not have this key
    Unknown,
}

/// A key is not valid, or does not fit into a ring.
///
/// Neither `Display` nor `Debug` reveals anything about the key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyError(KeyErrorKind);

impl KeyError {
    pub(super) const fn new(kind: KeyErrorKind) -> Self {
        Self(kind)
    }

    #[cfg(feature = "key-store")]
    pub(crate) const fn active() -> Self {
        Self(KeyErrorKind::Active)
    }

    #[cfg(feature = "key-store")]
    pub(crate) const fn no_randomness() -> Self {
        Self(KeyErrorKind::NoRandomness)
    }

    #[cfg(feature = "key-store")]
    pub(crate) const fn unknown() -> Self {
        Self(KeyErrorKind::Unknown)
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> KeyErrorKind {
        self.0
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            KeyErrorKind::Active => "the active key cannot be retired; activate another one first",
            KeyErrorKind::Derived => "the keys are derived from a root key; deploy another root key",
            KeyErrorKind::Duplicate => "the key is in the ring already; activate it by its id",
            KeyErrorKind::NotBase64 => "the key is not base64; expected 43 characters or more, with or without padding",
            KeyErrorKind::NoRandomness => "the operating system gives no random bytes",
            KeyErrorKind::Passphrase => {
                "the key looks like a passphrase; use 32 random bytes, or their base64 with `Key::from_base64`"
            }
            KeyErrorKind::Repetitive => "the key repeats a few bytes; use 32 random bytes",
            KeyErrorKind::RingFull => "the ring is full; retire a key first",
            KeyErrorKind::Rotating => "the ring takes its keys from a rotation; rotate it, or use a ring without one",
            KeyErrorKind::Shared => "the keys are shared with other machines; change them through `SharedKeyRing`",
            KeyErrorKind::TooManyKeys => {
                "more than 64 keys would be needed at a time; rotate less often, or let credentials expire earlier"
            }
            KeyErrorKind::TooShort => "the key is too short; at least 32 random bytes are needed",
            KeyErrorKind::Unknown => "the ring holds no key with this id",
        })
    }
}

impl Error for KeyError {}
