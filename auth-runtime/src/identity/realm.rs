//! The realm of a challenge.

use std::{error::Error, fmt};

use http::HeaderValue;

use super::grammar::quoted;

/// The realm holds something else than visible ASCII and spaces.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidRealm(());

impl fmt::Display for InvalidRealm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the realm must be visible ASCII and spaces")
    }
}

impl Error for InvalidRealm {}

/// What a client without a cookie is told where no realm was chosen.
pub(crate) const fn of_cookies() -> HeaderValue {
    HeaderValue::from_static("Cookie realm=\"restricted\"")
}

/// Writes `scheme realm="…"` and what follows it (RFC 9110, section 11.5).
pub(super) fn challenge(scheme: &str, realm: &str, after: &str) -> Result<HeaderValue, InvalidRealm> {
    let realm = quoted(realm).ok_or(InvalidRealm(()))?;
    HeaderValue::try_from(format!("{scheme} realm={realm}{after}")).map_err(|_| InvalidRealm(()))
}
