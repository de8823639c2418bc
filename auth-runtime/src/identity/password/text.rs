//! A password in memory.

use std::{error::Error, fmt};

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The longest password, in bytes: more than any person types, and little work for a hash.
const MAX_BYTES: usize = 1024;

/// A password, or what somebody says is one.
///
/// Its memory is wiped when it is dropped, it cannot be printed, and comparing two takes the same time wherever they
/// differ. Nothing is done to the text: no trimming, no change of case or of Unicode form. With the feature `serde` a form
/// can have one as a field.
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
    /// Takes text for a password.
    ///
    /// # Errors
    ///
    /// Fails when it is longer than 1,024 bytes.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidPassword> {
        let text = Zeroizing::new(text.into());
        if text.len() > MAX_BYTES { Err(InvalidPassword(())) } else { Ok(Self(text)) }
    }

    /// Returns the bytes, to compare or to hash them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Returns whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Password {
    /// Takes the same time wherever two passwords of one length differ.
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
