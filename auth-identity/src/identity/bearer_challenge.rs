//! Builds challenges for access tokens (RFC 6750, section 3; RFC 9449, section 7.1; RFC 9470, section 3; RFC 9728, section
//! 5.1): [`Challenger`].

use std::fmt::Write;

use http::HeaderValue;

use super::Challenge;

/// The constant parts of the challenges.
#[derive(Clone, Debug)]
pub struct Challenger {
    /// A quoted string
    pub realm: String,
    /// The address of the protected resource's metadata, which needs no escapes
    pub resource_metadata: Option<String>,
}

impl Default for Challenger {
    fn default() -> Self {
        Self { realm: "\"restricted\"".to_owned(), resource_metadata: None }
    }
}

impl Challenger {
    /// Returns the challenge of this scheme.
    #[must_use]
    pub fn challenge(&self, scheme: &str, why: Challenge<'_>) -> HeaderValue {
        let mut text = format!("{scheme} realm={}", self.realm);
        let written = why.write_error(scheme, &mut text);
        let written = written.and_then(|()| match &self.resource_metadata {
            Some(address) => write!(text, ", resource_metadata=\"{address}\""),
            None => Ok(()),
        });
        // Cannot fail: the texts were validated when they were set.
        let plain = HeaderValue::from_static("Bearer realm=\"restricted\"");
        written.ok().and_then(|()| HeaderValue::try_from(text).ok()).unwrap_or(plain)
    }
}
