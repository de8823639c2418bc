//! Holds the `WWW-Authenticate` values of a response: [`Challenges`].

use http::{HeaderMap, HeaderValue};
use smallvec::SmallVec;

/// The `WWW-Authenticate` values of a response (RFC 9110, section 11.6.1), in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Challenges {
    values: SmallVec<[HeaderValue; 1]>,
    headers: HeaderMap,
}

impl Challenges {
    /// Creates an empty list.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns them in order.
    pub fn iter(&self) -> impl Iterator<Item = &HeaderValue> {
        self.values.iter()
    }

    /// Adds further headers of the response, such as `DPoP-Nonce` (RFC 9449, section 8.1).
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Returns the further headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl From<HeaderValue> for Challenges {
    fn from(value: HeaderValue) -> Self {
        Self { values: smallvec::smallvec![value], headers: HeaderMap::new() }
    }
}

impl FromIterator<HeaderValue> for Challenges {
    fn from_iter<I: IntoIterator<Item = HeaderValue>>(values: I) -> Self {
        Self { values: values.into_iter().collect(), headers: HeaderMap::new() }
    }
}

impl FromIterator<Self> for Challenges {
    /// Joins the challenges of several policies.
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        let mut all = Self::none();
        for part in parts {
            all.values.extend(part.values);
            all.headers.extend(part.headers);
        }
        all
    }
}

impl IntoIterator for Challenges {
    type Item = HeaderValue;
    type IntoIter = smallvec::IntoIter<[HeaderValue; 1]>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}
