//! Signs requests, from the signature base string to the signature (RFC 5849 section 3.4):
//! [`SignatureMethod`].

use std::fmt;

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;
use zeroize::Zeroizing;

use super::percent_encoding::{encode, pairs};

/// How requests are signed.
///
/// RSA-SHA1 (section 3.4.3) is not offered. The crates that this project admits do not sign with SHA-1:
/// `aws-lc-rs` verifies such signatures only, and the crate `rsa` leaks the private key by its timing
/// (RUSTSEC-2023-0071). None of the providers of this crate needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureMethod {
    /// HMAC-SHA1 (section 3.4.2). What weakens SHA-1 as a digest does not weaken HMAC-SHA1.
    #[default]
    HmacSha1,
    /// HMAC-SHA256: an extension that some providers have.
    HmacSha256,
    /// The secrets themselves (section 3.4.4). Requests go over TLS in any case, but nothing binds the
    /// secrets to them.
    Plaintext,
}

impl SignatureMethod {
    /// Returns the value of `oauth_signature_method`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::Plaintext => "PLAINTEXT",
        }
    }
}

/// The secrets of a client and of a token; before there is a token, its secret is empty.
#[derive(Clone)]
pub struct OAuth1Credentials {
    client_secret: SecretString,
    token_secret: SecretString,
}

impl OAuth1Credentials {
    /// Returns the secrets.
    pub fn new(client_secret: impl Into<SecretString>, token_secret: impl Into<SecretString>) -> Self {
        Self { client_secret: client_secret.into(), token_secret: token_secret.into() }
    }

    /// Returns the key of a signature: both secrets, encoded, with `&` between them even if one is empty.
    fn key(&self) -> Zeroizing<String> {
        let encoded = |secret: &SecretString| Zeroizing::new(encode(secret.expose_secret().as_bytes()));
        Zeroizing::new(format!("{}&{}", *encoded(&self.client_secret), *encoded(&self.token_secret)))
    }
}

impl fmt::Debug for OAuth1Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth1Credentials").finish_non_exhaustive()
    }
}

/// Returns the signature base string (section 3.4.1).
///
/// `protocol` holds the parameters of the `Authorization` header without `realm` and `oauth_signature`;
/// `form` is the body, if it is a form.
///
/// ```
/// use auth_login::oauth1::base_string;
///
/// let url = "HTTP://EXAMPLE.COM:80/r%20v/X?id=123".parse().unwrap();
/// assert_eq!(base_string("get", &url, &[], ""), "GET&http%3A%2F%2Fexample.com%2Fr%2520v%2FX&id%3D123");
/// ```
#[must_use]
pub fn base_string(method: &str, url: &Url, protocol: &[(&str, &str)], form: &str) -> String {
    let encoded = |(name, value): (Vec<u8>, Vec<u8>)| (encode(&name), encode(&value));
    let mut parameters: Vec<(String, String)> =
        pairs(url.query().unwrap_or_default()).into_iter().map(encoded).collect();
    parameters.extend(pairs(form).into_iter().map(encoded));
    parameters
        .extend(protocol.iter().map(|(name, value)| (encode(name.as_bytes()), encode(value.as_bytes()))));
    // By encoded name, then by encoded value, as bytes (section 3.4.1.3.2).
    parameters.sort_unstable();
    let parameters: Vec<String> =
        parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut base = url.clone();
    base.set_query(None);
    base.set_fragment(None);
    format!(
        "{}&{}&{}",
        encode(method.to_ascii_uppercase().as_bytes()),
        encode(base.as_str().as_bytes()),
        encode(parameters.join("&").as_bytes())
    )
}

/// Returns the value of `oauth_signature` for a base string.
///
/// ```
/// use auth_login::oauth1::{OAuth1Credentials, SignatureMethod, sign};
///
/// let credentials = OAuth1Credentials::new("client secret", "");
/// assert_eq!(sign(SignatureMethod::Plaintext, "", &credentials), "client%20secret&");
/// ```
#[must_use]
pub fn sign(method: SignatureMethod, base_string: &str, credentials: &OAuth1Credentials) -> String {
    let key = credentials.key();
    let mac = |algorithm| {
        let tag = hmac::sign(&hmac::Key::new(algorithm, key.as_bytes()), base_string.as_bytes());
        BASE64_STANDARD.encode(tag)
    };
    match method {
        SignatureMethod::HmacSha1 => mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        SignatureMethod::HmacSha256 => mac(hmac::HMAC_SHA256),
        SignatureMethod::Plaintext => key.to_string(),
    }
}
