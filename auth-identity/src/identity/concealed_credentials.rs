//! Holds credentials that were taken out of a request's headers: [`ConcealedCredentials`].

use std::{collections::BTreeMap, fmt, sync::Arc};

/// The credentials that identity policies have taken out of a request's headers, so that neither a handler nor a
/// response can repeat them. The layer keeps them in the request's extensions.
///
/// See [`IdentityPolicy::conceal`](super::IdentityPolicy::conceal).
#[derive(Clone, Default, Eq, PartialEq)]
pub struct ConcealedCredentials(BTreeMap<Arc<str>, Option<Arc<str>>>);

impl ConcealedCredentials {
    /// Adds one; `place` is the name by which its policy finds it, and `credential` is `None` if what was there is
    /// malformed.
    pub fn insert(&mut self, place: &str, credential: Option<&str>) {
        self.0.insert(place.into(), credential.map(Arc::from));
    }

    /// Returns the credential at a place: `Some(None)` if it is malformed, and `None` if nothing was taken out there.
    #[must_use]
    pub fn get(&self, place: &str) -> Option<Option<&str>> {
        self.0.get(place).map(Option::as_deref)
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for ConcealedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcealedCredentials").field("places", &self.0.keys()).finish_non_exhaustive()
    }
}
