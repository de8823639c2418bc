//! Why a password could not be hashed or checked.

use std::{error::Error, fmt};

/// The kind of a [`PasswordError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PasswordErrorKind {
    /// Too many wait for their turn already
    Busy,
    /// There is nothing to be hashed
    Empty,
    /// The computation failed, for want of memory or because the server is about to stop
    Failed,
    /// What is stored is no Argon2 hash, or one that would cost too much to check
    Malformed,
    /// The operating system gave no random bytes
    NoRandomness,
    /// Argon2 knows no such parameters
    Parameters,
}

/// A password could not be hashed or checked. It says nothing about whether the password is right.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PasswordError(PasswordErrorKind);

impl PasswordError {
    pub(super) const fn new(kind: PasswordErrorKind) -> Self {
        Self(kind)
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> PasswordErrorKind {
        self.0
    }
}

impl fmt::Display for PasswordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            PasswordErrorKind::Busy => "too many passwords wait to be checked",
            PasswordErrorKind::Empty => "an empty password is not hashed",
            PasswordErrorKind::Failed => "the hash of a password could not be computed",
            PasswordErrorKind::Malformed => {
                "the stored hash is no Argon2 hash in PHC form, or its parameters cost too much"
            }
            PasswordErrorKind::NoRandomness => "the operating system gives no random bytes",
            PasswordErrorKind::Parameters => "Argon2 takes no such parameters",
        })
    }
}

impl Error for PasswordError {}
