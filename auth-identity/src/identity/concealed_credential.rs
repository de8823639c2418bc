//! Removes a credential from a request's headers, so that no handler can repeat it: [`ConcealedCredential`].

use std::{fmt, sync::Arc};

/// A credential that an identity policy has taken out of a request's headers, so that neither a handler nor a
/// response can repeat it. The layer keeps it in the request's extensions.
///
/// See [`IdentityPolicy::conceal`](super::IdentityPolicy::conceal).
#[derive(Clone, Eq, PartialEq)]
pub struct ConcealedCredential {
    place: Arc<str>,
    credential: Option<Arc<str>>,
}

impl ConcealedCredential {
    /// Creates one; `place` is the name by which its policy finds it, and `credential` is `None` if what was there
    /// is malformed.
    #[must_use]
    pub fn new(place: &str, credential: Option<&str>) -> Self {
        Self { place: place.into(), credential: credential.map(Arc::from) }
    }

    /// Returns the name by which its policy finds it.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns the credential; `None` if it is malformed.
    #[must_use]
    pub fn credential(&self) -> Option<&str> {
        self.credential.as_deref()
    }
}

impl fmt::Debug for ConcealedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcealedCredential").field("place", &self.place).finish_non_exhaustive()
    }
}
