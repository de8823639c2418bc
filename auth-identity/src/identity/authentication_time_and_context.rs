//! Records how a user authenticated: [`Authentication`], with its time ([`AuthTime`]) and its context
//! ([`Acr`]).

use std::{error::Error, fmt};

use smol_str::SmolStr;

use crate::{clock::UnixTime, ticket::byte_reader::ByteReader};

/// An authentication context class, such as `phr`: how strongly the user authenticated (`acr`, `OpenID` Connect
/// Core section 2). Compared byte by byte, in no order.
///
/// It has 1 to 128 characters of visible ASCII, without `"` and `\`.
///
/// # Example
///
/// ```
/// use auth_runtime::{LoginOptions, identity::Acr};
///
/// // The application has verified a one-time password.
/// let options = LoginOptions::new().with_acr(Acr::new("mfa")?);
/// assert!(Acr::new("mfa phr").is_err());
/// # let _ = options;
/// # Ok::<(), auth_runtime::identity::InvalidAcr>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Acr(SmolStr);

/// The text is not an authentication context class.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidAcr(());

impl Acr {
    /// The longest one, in bytes.
    const MAX: usize = 128;

    /// Creates one.
    ///
    /// # Errors
    ///
    /// Fails if the text is empty, longer than 128 bytes, or has other characters than visible ASCII without
    /// `"` and `\`.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidAcr> {
        let text = text.as_ref();
        if Self::is_valid(text) { Ok(Self(SmolStr::new(text))) } else { Err(InvalidAcr(())) }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn is_valid(text: &str) -> bool {
        let is_allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        (1..=Self::MAX).contains(&text.len()) && text.bytes().all(is_allowed)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Acr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidAcr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an authentication context has 1 to 128 characters of visible ASCII, without `\"` and `\\`",
        )
    }
}

impl Error for InvalidAcr {}

/// When a user authenticated, as far as it differs from the log-in here.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AuthTime {
    /// At the log-in here: the application has verified a password, for example.
    #[default]
    LogIn,
    /// At this time, as the identity provider says (`auth_time`): its own session may be older than the log-in
    /// here.
    At(UnixTime),
    /// The identity provider does not say. No authentication counts as recent.
    Unknown,
}

/// How a user authenticated: when, and in which context.
///
/// The default is an authentication at the log-in here, without a context.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct Authentication {
    time: AuthTime,
    acr: Option<Acr>,
}

impl Authentication {
    /// Returns the default.
    pub const fn new() -> Self {
        Self { time: AuthTime::LogIn, acr: None }
    }

    /// Sets when the user authenticated.
    pub const fn with_time(mut self, time: AuthTime) -> Self {
        self.time = time;
        self
    }

    /// Sets the context.
    pub fn with_acr(mut self, acr: Acr) -> Self {
        self.acr = Some(acr);
        self
    }

    /// Returns when the user authenticated.
    #[must_use]
    pub const fn time(&self) -> AuthTime {
        self.time
    }

    /// Returns the context, if there is one.
    #[must_use]
    pub const fn acr(&self) -> Option<&Acr> {
        self.acr.as_ref()
    }

    /// Returns whether it is the default.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        matches!(self.time, AuthTime::LogIn) && self.acr.is_none()
    }

    /// Returns the bytes for a credential. The default has none: a flag beside them says that they are there.
    #[doc(hidden)]
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self.time {
            AuthTime::LogIn => bytes.push(0),
            AuthTime::Unknown => bytes.push(1),
            AuthTime::At(time) => {
                bytes.push(2);
                bytes.extend_from_slice(&time.as_secs().to_be_bytes());
            }
        }
        let acr = self.acr.as_ref().map(Acr::as_str).unwrap_or_default();
        // At most 128 bytes
        bytes.push(u8::try_from(acr.len()).unwrap_or_default());
        bytes.extend_from_slice(acr.as_bytes());
        bytes
    }

    /// Reads exactly what [`encode`](Self::encode) writes.
    #[doc(hidden)]
    pub fn decode(from: &mut ByteReader<'_>) -> Option<Self> {
        let time = match from.array()? {
            [0] => AuthTime::LogIn,
            [1] => AuthTime::Unknown,
            [2] => AuthTime::At(from.time()?),
            _ => return None,
        };
        let [length] = from.array()?;
        let acr = match length {
            0 => None,
            length => Some(Acr::new(from.text(length.into())?).ok()?),
        };
        Some(Self { time, acr }).filter(|read| !read.is_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_visible_ascii() {
        for text in ["0", "phr", "urn:mace:incommon:iap:silver", "https://a.example/b?c#d", &"x".repeat(128)]
        {
            assert_eq!(Acr::new(text).unwrap().as_str(), text);
        }
        for text in ["", " ", "a b", "a\"", "a\\", "a\n", "ä", "a\u{200b}", "\0", &"x".repeat(129)] {
            assert!(Acr::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn only_what_the_encoder_writes_is_read() {
        for time in [AuthTime::LogIn, AuthTime::Unknown, AuthTime::At(UnixTime::from_secs(7))] {
            for acr in [None, Some(Acr::new("phr").unwrap())] {
                let authentication = Authentication { time, acr };
                let bytes = authentication.encode();
                let is_default = authentication.is_default();
                let read = Authentication::decode(&mut ByteReader(&bytes));
                assert_eq!(read, Some(authentication).filter(|_| !is_default));
                for end in 0..bytes.len() {
                    assert_eq!(Authentication::decode(&mut ByteReader(&bytes[..end])), None);
                }
                for at in 0..bytes.len() {
                    for byte in 0..=255 {
                        let mut changed = bytes.clone();
                        changed[at] = byte;
                        let mut reader = ByteReader(&changed);
                        if let Some(read) = Authentication::decode(&mut reader) {
                            let length = changed.len() - reader.0.len();
                            assert_eq!(read.encode(), changed[..length]);
                        }
                    }
                }
            }
        }
    }
}
