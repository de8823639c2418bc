//! Several cookies of one name: how many are read, and how a log-in or log-out ends them all.
//!
//! A browser keeps cookies apart by name, domain and path, and sends no more than name and value. So a cookie that an
//! earlier configuration set, or another host of the domain, is only removed by a line with its own attributes.

use http::header::SET_COOKIE;

use super::CookieConfig;
use crate::identity::{Effects, IdentityError, presented::Several};

/// How many cookies of one name may be a browser's; a request with more is anonymous.
pub(crate) const MAX_CANDIDATES: usize = 4;
/// How many cookies of one name are read, so that a log-out can end them.
pub(crate) const MAX_READ: usize = 64;

const UNREAD: IdentityError =
    IdentityError::refuse("there are more than 64 cookies of one name; not all of them were ended");
const LEFT: IdentityError = IdentityError::refuse(
    "there are more valid cookies of one name than can be removed; add `AuthLayer::with_revocation`",
);

impl CookieConfig {
    /// Removes the cookie, and those of its name that the request carried besides.
    pub(in crate::identity) fn remove_all(&self, several: Option<Several>) -> Result<Effects, IdentityError> {
        let effects = self.and_remove_variants(self.remove()?, several)?;
        let Some(several) = several else { return Ok(effects) };
        let lines = effects.headers().count();
        Ok(several.left_by(lines, effects))
    }

    /// Removes the cookies of this name with other attributes, where the request carried several.
    pub(in crate::identity) fn and_remove_variants(
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
    /// Says what so many lines leave in the browser.
    pub(in crate::identity) fn left_by(self, lines: usize, effects: Effects) -> Effects {
        let is_left = usize::from(self.valid) > lines;
        let effects = if self.is_unread { effects.with_failure(UNREAD) } else { effects };
        if is_left { effects.with_failure_unless_revoked(LEFT) } else { effects }
    }
}
