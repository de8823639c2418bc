//! Builds challenges for bearer tokens (RFC 6750, section 3; RFC 9470, section 3; RFC 9728, section 5.1):
//! [`Challenger`].

use std::fmt::Write;

use http::HeaderValue;

use super::{Challenge, Scopes};

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
        let written = match why {
            Challenge::InsufficientScope { scopes } => {
                let told = write!(text, ", error=\"insufficient_scope\"");
                // A value that cannot be quoted is not a scope.
                if scopes.parse::<Scopes>().is_ok() { write!(text, ", scope=\"{scopes}\"") } else { told }
            }
            Challenge::Invalid => write!(text, ", error=\"invalid_token\""),
            Challenge::InsufficientAuthentication(step_up) => {
                write!(text, ", error=\"insufficient_user_authentication\", {step_up}")
            }
            // `Missing`: a request without a token gets no error code (RFC 6750, section 3.1).
            _ => Ok(()),
        };
        let written = written.and_then(|()| match &self.resource_metadata {
            Some(address) => write!(text, ", resource_metadata=\"{address}\""),
            None => Ok(()),
        });
        // Cannot fail: the texts were validated when they were set.
        let plain = HeaderValue::from_static("Bearer realm=\"restricted\"");
        written.ok().and_then(|()| HeaderValue::try_from(text).ok()).unwrap_or(plain)
    }
}
