//! Handles several cookies of one name: how many are read, and how a log-in or log-out removes all of them.
//!
//! A browser identifies cookies by name, domain and path, but sends only name and value. A cookie of an
//! earlier configuration, or of another host of the domain (cookie tossing), is removed only with its own
//! attributes.

use http::header::SET_COOKIE;

use super::CookieConfig;
use crate::identity::{Effects, IdentityError, presented_credentials::Several};

/// The maximum number of cookies of one name that may authenticate; a request with more is anonymous.
pub const MAX_CANDIDATES: usize = 4;
/// The maximum number of cookies of one name that are read, so that a log-out can revoke them.
pub const MAX_READ: usize = 64;

const UNREAD: IdentityError =
    IdentityError::refuse("there are more than 64 cookies of one name; not all of them were ended");
const LEFT: IdentityError = IdentityError::refuse(
    "there are more valid cookies of one name than can be removed; add `AuthLayer::with_revocation`",
);

impl CookieConfig {
    /// Removes the cookie, and the others of its name that the request carried.
    #[doc(hidden)]
    pub fn remove_all(&self, several: Option<Several>) -> Result<Effects, IdentityError> {
        let effects = self.and_remove_variants(self.remove()?, several)?;
        let Some(several) = several else { return Ok(effects) };
        let lines = effects.headers().count();
        Ok(several.left_by(lines, effects))
    }

    /// Removes cookies of this name with other attributes, if the request carried several.
    #[doc(hidden)]
    pub fn and_remove_variants(
        &self,
        mut effects: Effects,
        several: Option<Several>,
    ) -> Result<Effects, IdentityError> {
        if several.is_some() {
            for variant in self.variants().iter().filter(|variant| *variant != self) {
                effects = effects.and_header(SET_COOKIE, variant.removal()?);
            }
        }
        Ok(effects)
    }
}

impl Several {
    /// Adds a failure if not all of these cookies can be removed.
    pub(in crate::identity) fn left_by(self, lines: usize, effects: Effects) -> Effects {
        let is_left = usize::from(self.valid) > lines;
        let effects = if self.is_unread { effects.with_failure(UNREAD) } else { effects };
        if is_left { effects.with_failure_unless_revoked(LEFT) } else { effects }
    }
}
