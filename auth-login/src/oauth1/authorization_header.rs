//! Builds the protocol parameters of a request and its `Authorization` header (RFC 5849 section 3.5.1):
//! [`Signing`].

use http::HeaderValue;
use url::Url;

use super::{
    OAuth1Credentials, OAuth1Error, SignatureMethod,
    percent_encoding::encode,
    sign::{base_string, sign},
};
use crate::random_value::RandomValue;

/// What a request is signed with.
#[derive(Clone, Copy)]
pub(super) struct Signing<'a> {
    pub(super) method: SignatureMethod,
    pub(super) consumer_key: &'a str,
    pub(super) credentials: &'a OAuth1Credentials,
    /// Seconds since 1970.
    pub(super) timestamp: u64,
    pub(super) nonce: &'a str,
}

impl Signing<'_> {
    /// Returns the value of the `Authorization` header; `more` holds further parameters such as
    /// `oauth_token`.
    pub(super) fn header(
        &self,
        http_method: &str,
        url: &Url,
        more: &[(&str, &str)],
        form: &str,
    ) -> Result<HeaderValue, OAuth1Error> {
        let timestamp = self.timestamp.to_string();
        let mut parameters = vec![
            ("oauth_consumer_key", self.consumer_key),
            ("oauth_nonce", self.nonce),
            ("oauth_signature_method", self.method.name()),
            ("oauth_timestamp", &timestamp),
            ("oauth_version", "1.0"),
        ];
        parameters.extend_from_slice(more);
        let base = base_string(http_method, url, &parameters, form);
        let signature = sign(self.method, &base, self.credentials);
        parameters.push(("oauth_signature", &signature));
        let pair = |(name, value): &(&str, &str)| format!(r#"{name}="{}""#, encode(value.as_bytes()));
        let text = format!("OAuth {}", parameters.iter().map(pair).collect::<Vec<_>>().join(", "));
        let unfit = OAuth1Error::Configuration("the signature does not fit into a header");
        let mut value = HeaderValue::from_str(&text).map_err(|_| unfit)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// Returns 112 random bits as 28 hexadecimal digits: no nonce occurs twice with one timestamp (section 3.3).
/// Some servers reject nonces of more than 30 characters, or with others than letters and digits.
pub(super) fn nonce() -> Result<String, OAuth1Error> {
    use std::fmt::Write as _;

    let random =
        RandomValue::new().ok_or(OAuth1Error::Configuration("the system gives no random numbers"))?;
    Ok(random.as_bytes().iter().take(14).fold(String::with_capacity(28), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    // Another library made nonces of a random float, which has 53 bits.
    #[test]
    fn nonces_have_112_bits_and_do_not_repeat() {
        let nonces: HashSet<String> = (0..1000).map(|_| nonce().unwrap()).collect();
        assert_eq!(nonces.len(), 1000);
        assert!(nonces.iter().all(|nonce| nonce.len() == 28));
        // Every digit takes every value somewhere, so no part is constant.
        for index in 0..28 {
            let digits: HashSet<u8> = nonces.iter().map(|nonce| nonce.as_bytes()[index]).collect();
            assert_eq!(digits.len(), 16, "{index}");
        }
    }
}
