//! Validates and quotes realms of challenges: [`InvalidRealm`].

use std::{error::Error, fmt};

use http::HeaderValue;

use super::http_syntax::quoted;

/// The realm contains anything but visible ASCII and spaces.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidRealm(());

impl fmt::Display for InvalidRealm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the realm must be visible ASCII and spaces")
    }
}

impl Error for InvalidRealm {}

/// Returns the default challenge of policies with cookies.
#[must_use]
pub const fn of_cookies() -> HeaderValue {
    HeaderValue::from_static("Cookie realm=\"restricted\"")
}

/// Returns the realm between quotes.
///
/// # Errors
///
/// Fails when it cannot be written between quotes.
#[cfg(feature = "cache")]
pub(super) fn quoted_realm(realm: &str) -> Result<String, InvalidRealm> {
    quoted(realm).ok_or(InvalidRealm(()))
}

/// Formats `scheme realm="…"` and its other parameters (RFC 9110, section 11.5).
///
/// # Errors
///
/// Fails when the realm cannot be written between quotes.
pub fn challenge(scheme: &str, realm: &str, after: &str) -> Result<HeaderValue, InvalidRealm> {
    let realm = quoted(realm).ok_or(InvalidRealm(()))?;
    HeaderValue::try_from(format!("{scheme} realm={realm}{after}")).map_err(|_| InvalidRealm(()))
}
