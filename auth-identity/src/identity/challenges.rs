//! Holds the `WWW-Authenticate` values of a response: [`Challenges`].

use http::HeaderValue;
use smallvec::SmallVec;

/// The `WWW-Authenticate` values of a response (RFC 9110, section 11.6.1), in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Challenges(SmallVec<[HeaderValue; 1]>);

impl Challenges {
    /// Creates an empty list.
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
