//! Defines [`JwtKeyError`], the error of keys.

use std::{error::Error, fmt};

/// The kind of a [`JwtKeyError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JwtKeyErrorKind {
    /// The key does not match the algorithm, or does not name one
    Algorithm,
    /// The key cannot be parsed: not PEM, not DER, or not a JWK with the required members
    Malformed,
    /// The operating system gave no random bytes, or the key could not sign
    NotSigned,
    /// Expected a public key, found private parts or a shared secret
    Private,
    /// Expected a shared secret, found a public key
    Public,
    /// The secret is shorter than the hash, or the RSA modulus has fewer than 2,048 bits
    TooShort,
    /// The kind of key is not supported
    Unsupported,
    /// The key is not for signatures
    Use,
    /// The key has a known weakness
    Weak,
}

/// A key is not valid.
///
/// Neither `Display` nor `Debug` reveals anything about the key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct JwtKeyError {
    kind: JwtKeyErrorKind,
    message: &'static str,
}

impl JwtKeyError {
    pub(crate) const fn new(kind: JwtKeyErrorKind, message: &'static str) -> Self {
        Self { kind, message }
    }

    pub(crate) const fn malformed(message: &'static str) -> Self {
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
