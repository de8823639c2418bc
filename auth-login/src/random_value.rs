//! Draws random values and makes texts of them: [`RandomValue`].

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// 256 random bits, as a state, a nonce or a PKCE verifier has them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RandomValue([u8; 32]);

impl RandomValue {
    /// Returns a new value, or `None` if the operating system gives no random bytes.
    pub(crate) fn new() -> Option<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok()?;
        // A generator that reports success without writing must not be trusted.
        (bytes != [0; 32]).then_some(Self(bytes))
    }

    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the value as 43 characters that RFC 7636 section 4.1 allows in a verifier.
    pub(crate) fn to_text(self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl std::fmt::Debug for RandomValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RandomValue([redacted])")
    }
}

/// Returns the SHA-256 of a text in base64url without padding: the challenge of PKCE with S256 (RFC 7636
/// section 4.2).
pub(crate) fn sha256_base64url(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

/// Returns the SHA-256 of a text in hexadecimal digits.
pub(crate) fn sha256_hex(text: &str) -> String {
    use std::fmt::Write as _;

    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn challenges_are_those_of_the_published_vectors() {
        assert_eq!(sha256_base64url(VERIFIER), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_eq!(sha256_hex(VERIFIER), "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3");
    }

    #[test]
    fn values_differ_and_have_no_padding() {
        let texts: HashSet<String> = (0..1000).map(|_| RandomValue::new().unwrap().to_text()).collect();
        assert_eq!(texts.len(), 1000);
        assert!(texts.iter().all(|text| text.len() == 43 && !text.contains('=')));
    }
}
