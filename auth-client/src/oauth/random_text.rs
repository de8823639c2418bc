//! Makes random texts for `state`, nonces, PKCE verifiers and ids of assertions.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::Error;

/// Returns 256 random bits as 43 characters that are safe in an address.
pub(crate) fn random_text() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::configuration("the system gives no random numbers").with_source(error))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::random_text;

    #[test]
    fn random_texts_have_256_bits_and_differ() {
        let texts: std::collections::HashSet<_> = (0..100).map(|_| random_text().unwrap()).collect();
        assert_eq!(texts.len(), 100);
        assert!(texts.iter().all(|text| text.len() == 43));
    }
}
