//! Identifies a credential without revealing it: [`CredentialId`].

use std::{fmt, str::FromStr};

use smol_str::{SmolStr, format_smolstr};

use super::{InvalidId, UserId, identity_and_user_id::check};
use crate::clock::UnixTime;

/// The id of a credential, such as the `jti` of a token (RFC 7519, section 4.1.7). It suffices to revoke the
/// credential, but not to use it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CredentialId(SmolStr);

impl CredentialId {
    /// Creates an id from text.
    ///
    /// # Errors
    ///
    /// Fails if it is empty, longer than 255 bytes, or not one line of visible text.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
        check(text.as_ref())?;
        Ok(Self(SmolStr::new(text)))
    }

    /// Returns the id of everything that was issued for one log-in. It cannot equal another credential's id,
    /// which has no control characters.
    #[doc(hidden)]
    #[must_use]
    pub fn of_login(user: &UserId, time: UnixTime) -> Self {
        Self(format_smolstr!("\u{1}{time}:{user}"))
    }

    /// Parses an id from a denylist: of a credential, or of a log-in.
    #[cfg(feature = "redis")]
    pub(crate) fn from_list(text: &str) -> Option<Self> {
        match text.strip_prefix('\u{1}') {
            Some(rest) => check(rest).ok().map(|()| Self(SmolStr::new(text))),
            None => Self::new(text).ok(),
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CredentialId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    // Log-ins have unique ids, and no credential has the id of a log-in.
    #[test]
    fn names_of_log_ins_are_injective() {
        let users = ["a", "1:a", "11:a", ":a", "a:", "1", "11", ":", "1:1:a", "a:1"];
        let times = [0, 1, 11, 111, u64::MAX];
        let mut names = BTreeSet::new();
        for user in users {
            for time in times {
                let name = CredentialId::of_login(&UserId::new(user).unwrap(), UnixTime::from_secs(time));
                assert!(CredentialId::new(name.as_str()).is_err(), "{name:?}");
                assert!(names.insert(name), "{user} {time}");
            }
        }
    }
}
