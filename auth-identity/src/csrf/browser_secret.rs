//! Holds the random value that a browser keeps in a cookie: [`BrowserSecret`].

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::identity::IdentityError;

const BYTES: usize = 16;

/// The random value of one browser.
#[doc(hidden)]
#[derive(Clone, Eq, PartialEq)]
pub struct BrowserSecret([u8; BYTES]);

impl BrowserSecret {
    pub(super) fn random() -> Result<Self, IdentityError> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|_| IdentityError::unavailable("the system gives no randomness"))?;
        Ok(Self(bytes))
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }

    pub(super) fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(super) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for BrowserSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserSecret([redacted])")
    }
}
