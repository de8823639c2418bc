//! Why a key was refused.

use std::{error::Error, fmt};

/// The kind of a [`JwtKeyError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JwtKeyErrorKind {
    /// The key is not for the algorithm that was named, or names none although it must
    Algorithm,
    /// The key cannot be read: not PEM, not DER, not a JWK with the members that it must have
    Malformed,
    /// The operating system gave no random bytes, or the key could not sign
    NotSigned,
    /// A public key was expected, and this holds private parts or a shared secret
    Private,
    /// A shared secret was expected, and this is a public key
    Public,
    /// The secret is shorter than the hash, or the RSA modulus than 2,048 bits
    TooShort,
    /// The kind of key is unknown here
    Unsupported,
    /// The key is meant for something else than signatures
    Use,
    /// The key has a form that is known to be breakable
    Weak,
}

/// A key is not fit for use.
///
/// Neither its `Display` nor its `Debug` form tells anything of the key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct JwtKeyError {
    kind: JwtKeyErrorKind,
    message: &'static str,
}

impl JwtKeyError {
    pub(in crate::jwt) const fn new(kind: JwtKeyErrorKind, message: &'static str) -> Self {
        Self { kind, message }
    }

    pub(in crate::jwt) const fn malformed(message: &'static str) -> Self {
        Self::new(JwtKeyErrorKind::Malformed, message)
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> JwtKeyErrorKind {
        self.kind
    }
}

impl fmt::Display for JwtKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl Error for JwtKeyError {}
