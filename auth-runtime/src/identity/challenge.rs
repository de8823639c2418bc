//! What a refused client is asked for.

use std::time::Duration;

use http::HeaderValue;
use smallvec::SmallVec;

/// Why a client is asked for a credential, or for another one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Challenge<'a> {
    /// The credential was not issued for this: 403 (RFC 6750, section 3.1)
    InsufficientScope {
        /// What it has to be issued for, with a space between each two
        scopes: &'a str,
    },
    /// A credential was presented and is not valid: 401
    Invalid,
    /// No credential was presented: 401
    Missing,
    /// The user logged in too long ago for this: 401 (RFC 9470, section 3)
    Stale {
        /// How long ago it may have been
        max_age: Duration,
    },
}

/// The `WWW-Authenticate` values of a refusal (RFC 9110, section 11.6.1), in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Challenges(SmallVec<[HeaderValue; 1]>);

impl Challenges {
    /// No challenge.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns them in order.
    pub fn iter(&self) -> impl Iterator<Item = &HeaderValue> {
        self.0.iter()
    }
}

impl From<HeaderValue> for Challenges {
    fn from(value: HeaderValue) -> Self {
        Self(smallvec::smallvec![value])
    }
}

impl FromIterator<HeaderValue> for Challenges {
    fn from_iter<I: IntoIterator<Item = HeaderValue>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl IntoIterator for Challenges {
    type Item = HeaderValue;
    type IntoIter = smallvec::IntoIter<[HeaderValue; 1]>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
