//! Defines [`PasswordError`], the error of hashing and verifying passwords.

use std::{error::Error, fmt};

use crate::events::AsDynError;

/// The kind of a [`PasswordError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PasswordErrorKind {
    /// Too many requests are waiting
    Busy,
    /// The password is empty
    Empty,
    /// The computation failed, because memory ran out or the server is shutting down
    Failed,
    /// The stored text is not an Argon2 hash, or too expensive to verify
    Malformed,
    /// The operating system gave no random bytes
    NoRandomness,
    /// The parameters are not valid for Argon2
    Parameters,
}

/// A password could not be hashed or verified. It does not mean that the password is wrong.
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
                "the stored hash is not an Argon2 hash in PHC form, or its parameters cost too much"
            }
            PasswordErrorKind::NoRandomness => "the operating system gives no random bytes",
            PasswordErrorKind::Parameters => "Argon2 takes no such parameters",
        })
    }
}

impl Error for PasswordError {}

impl AsDynError for PasswordError {
    fn as_dyn_error(&self) -> &(dyn Error + 'static) {
        self
    }
}
