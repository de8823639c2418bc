//! Holds a password in memory, without showing it: [`Password`].

use std::{error::Error, fmt};

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The maximum length of a password, in bytes; enough for every user, and cheap to hash.
const MAX_BYTES: usize = 1024;

/// A password from a client.
///
/// Its memory is wiped when it is dropped, it cannot be printed, and comparison takes constant time (timing
/// attack). The text is not changed: no trimming, no change of case or Unicode form. With the feature `serde`
/// it can be a field of a form.
///
/// # Example
///
/// ```
/// use auth_runtime::identity::Password;
///
/// let password = Password::new("correct horse battery staple")?;
/// assert_eq!(format!("{password:?}"), "Password([redacted])");
/// assert!(Password::new("x".repeat(1025)).is_err());
/// # Ok::<(), auth_runtime::identity::InvalidPassword>(())
/// ```
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// The text is longer than 1,024 bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidPassword(());

impl fmt::Display for InvalidPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a password must not be longer than 1,024 bytes")
    }
}

impl Error for InvalidPassword {}

impl Password {
    /// Creates a password from text.
    ///
    /// # Errors
    ///
    /// Fails if it is longer than 1,024 bytes.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidPassword> {
        let text = Zeroizing::new(text.into());
        if text.len() > MAX_BYTES { Err(InvalidPassword(())) } else { Ok(Self(text)) }
    }

    /// Returns the bytes, to compare or hash them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Returns whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Password {
    /// Compares in constant time for passwords of one length.
    fn eq(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl Eq for Password {}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password([redacted])")
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Password {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(<String as serde::Deserialize>::deserialize(deserializer)?)
            .map_err(serde::de::Error::custom)
    }
}
