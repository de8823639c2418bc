//! Generates and parses the text of a refresh token, a family id and a secret: [`RefreshToken`].

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::RefreshError;
use auth_identity::__private::sha256;

const ID_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;
/// 48 bytes in base64url.
const TEXT_BYTES: usize = 64;

/// The random id of a refresh token family.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FamilyId([u8; ID_BYTES]);

impl FamilyId {
    /// Creates an id from its stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; ID_BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; ID_BYTES] {
        &self.0
    }
}

impl fmt::Debug for FamilyId {
    /// Shown in logs and tests; it is part of each token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FamilyId([redacted])")
    }
}

/// The SHA-256 of a token's secret. The secret has 256 random bits, so brute force is infeasible.
#[derive(Clone)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Creates a hash from its stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in constant time (timing attack).
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash([redacted])")
    }
}

/// A random number from which, with the last used token, the newest token of a family can be derived. It is
/// useless by itself.
#[derive(Clone, Eq, PartialEq)]
pub struct TokenSalt([u8; SECRET_BYTES]);

impl TokenSalt {
    pub(super) fn random() -> Result<Self, RefreshError> {
        let mut bytes = [0; SECRET_BYTES];
        fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Creates a salt from its stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }
}

impl fmt::Debug for TokenSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSalt([redacted])")
    }
}

/// A refresh token for the client: 64 opaque characters. It cannot be printed.
#[derive(Clone)]
pub struct RefreshToken(Zeroizing<String>);

impl RefreshToken {
    /// Returns the text, for the client only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken([redacted])")
    }
}

/// A parsed token.
pub(super) struct Parts {
    pub(super) family: FamilyId,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
}

impl Parts {
    /// Returns the first token of a new family.
    pub(super) fn random() -> Result<Self, RefreshError> {
        let mut id = [0; ID_BYTES];
        fill(&mut id)?;
        Self { family: FamilyId(id), secret: Zeroizing::new([0; SECRET_BYTES]) }.successor()
    }

    /// Returns the successor of this token; it can be derived again from this token and the salt, which only
    /// the store has.
    pub(super) fn salted_successor(&self, salt: &TokenSalt) -> Self {
        let label = b"auth: next refresh token".as_slice();
        let secret = sha256(&[label, &self.family.0, &salt.0, self.secret.as_slice()]);
        Self { family: self.family, secret: Zeroizing::new(secret) }
    }

    /// Returns another token of the family.
    pub(super) fn successor(&self) -> Result<Self, RefreshError> {
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        fill(secret.as_mut_slice())?;
        Ok(Self { family: self.family, secret })
    }

    /// Parses exactly the text that [`to_token`](Self::to_token) writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() != TEXT_BYTES {
            return None;
        }
        let mut bytes = Zeroizing::new([0; ID_BYTES + SECRET_BYTES]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut_slice()).ok()?;
        if length != bytes.len() {
            return None;
        }
        let (id, secret) = bytes.split_first_chunk::<ID_BYTES>()?;
        let secret = Zeroizing::new(*secret.first_chunk::<SECRET_BYTES>()?);
        Some(Self { family: FamilyId(*id), secret })
    }

    pub(super) fn to_token(&self) -> RefreshToken {
        let mut bytes = Zeroizing::new([0; ID_BYTES + SECRET_BYTES]);
        for (byte, part) in bytes.iter_mut().zip(self.family.0.iter().chain(self.secret.iter())) {
            *byte = *part;
        }
        // Allocate the text at once: growing would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity(TEXT_BYTES));
        URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
        RefreshToken(text)
    }

    pub(super) fn hash(&self) -> TokenHash {
        TokenHash(sha256(&[self.secret.as_slice()]))
    }
}

fn fill(bytes: &mut [u8]) -> Result<(), RefreshError> {
    getrandom::fill(bytes).map_err(|error| RefreshError::unavailable(error.to_string().into()))
}

#[cfg(any(fuzzing, test))]
impl RefreshToken {
    /// A token has exactly one text.
    pub(crate) fn fuzz(text: &str) -> bool {
        let Some(parts) = Parts::parse(text) else { return false };
        assert_eq!(parts.to_token().as_str(), text);
        true
    }
}
