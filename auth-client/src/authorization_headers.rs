//! Holds the headers that authorize a request: [`Credentials`].

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{AUTHORIZATION, InvalidHeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq as _;
use url::Url;
use zeroize::Zeroizing;

use crate::{Error, dpop::DpopKey};

/// The maximum length of a header value, in bytes. Servers commonly accept at most 8 KiB for all headers.
const LONGEST: usize = 16 * 1024;

/// The headers that authorize a request.
/// Each value is marked sensitive: `Debug` and the logs of HTTP clients do not show it, and HTTP/2 does not
/// put it into its compression table. Its memory is wiped when the last copy is dropped.
///
/// ```
/// use auth_client::Credentials;
///
/// let credentials = Credentials::bearer("2YotnFZFEjr1zCsicMWpAA")?;
/// assert_eq!(credentials.headers()["authorization"], "Bearer 2YotnFZFEjr1zCsicMWpAA");
/// assert!(!format!("{credentials:?}").contains("2Yotn"));
/// # Ok::<(), auth_client::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Credentials {
    headers: HeaderMap,
    /// The key that the token is bound to, and the token
    bound: Option<(DpopKey, SecretString)>,
}

impl Credentials {
    /// Creates credentials with one header.
    ///
    /// # Errors
    ///
    /// Fails if the value is empty, longer than 16 KiB, or contains a character that would end the header
    /// (header injection).
    pub fn header(name: HeaderName, value: impl Into<SecretString>) -> Result<Self, Error> {
        Self::default().with_header(name, value)
    }

    /// Creates `Authorization: Bearer …` (RFC 6750 section 2.1).
    ///
    /// # Errors
    ///
    /// Fails if the token is empty, longer than 16 KiB, or contains characters other than visible ASCII.
    pub fn bearer(token: impl Into<SecretString>) -> Result<Self, Error> {
        Self::prefixed("Bearer", &token.into())
    }

    pub(crate) fn prefixed(prefix: &str, token: &SecretString) -> Result<Self, Error> {
        let token = token.expose_secret();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::configuration(
                "the token is empty, or has characters that no header may carry",
            ));
        }
        let value = Zeroizing::new(format!("{prefix} {token}"));
        Self::header(AUTHORIZATION, value.as_str())
    }

    /// Adds a header.
    ///
    /// # Errors
    ///
    /// Fails as [`header`](Self::header) does, and if the header exists: headers are never overwritten.
    pub fn with_header(mut self, name: HeaderName, value: impl Into<SecretString>) -> Result<Self, Error> {
        let value = value.into();
        let value = value.expose_secret();
        if value.is_empty() || value.len() > LONGEST {
            return Err(Error::configuration(format!(
                "the value of `{name}` is empty or longer than {LONGEST} bytes"
            )));
        }
        if self.headers.contains_key(&name) {
            return Err(Error::configuration(format!("the credentials have a header `{name}` already")));
        }
        let value = secret_value(value).map_err(|_| {
            Error::configuration(format!("the value of `{name}` has characters that no header may carry"))
        })?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Adds the key that the token is bound to, if there is one.
    pub(crate) fn bound_to(mut self, key: Option<DpopKey>, token: &SecretString) -> Self {
        self.bound = key.map(|key| (key, token.clone()));
        self
    }

    /// Returns the header `DPoP` for one request, if the token is bound to a key (RFC 9449). It is needed beside the
    /// [headers](Self::headers), which are the same for all requests; `AuthorizedClient` and `AuthorizationLayer` add it.
    ///
    /// # Errors
    ///
    /// Fails if the key cannot sign.
    pub fn proof(&self, method: &Method, url: &Url) -> Result<Option<HeaderValue>, Error> {
        let bound = self.bound.as_ref();
        bound.map(|(key, token)| key.proof(method, url, Some(token.expose_secret()))).transpose()
    }

    /// Keeps the nonce of a response, for the next proof. Returns whether it is a new one.
    #[cfg(any(feature = "middleware", feature = "tower"))]
    pub(crate) fn note_nonce(&self, url: &Url, headers: &HeaderMap) -> bool {
        self.bound.as_ref().is_some_and(|(key, _)| key.note_nonce(url, headers))
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns whether there are no headers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// Writes the headers into a request's; headers of the same name are replaced.
    pub fn apply(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
    }

    /// Compares in constant time for a given number and length of headers, against timing attacks.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.headers.len() == other.headers.len()
            && self.headers.iter().all(|(name, value)| {
                other.headers.get(name).is_some_and(|twin| value.as_bytes().ct_eq(twin.as_bytes()).into())
            })
    }
}

/// Returns a sensitive value whose memory is wiped when its last clone is dropped.
pub(crate) fn secret_value(text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let bytes = Bytes::from_owner(Zeroizing::new(text.as_bytes().to_vec()));
    let mut value = HeaderValue::from_maybe_shared(bytes)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Returns `Basic` and the base64 of `name:password`, in one allocation, so that no copies are left behind.
pub(crate) fn basic(pair: &[u8]) -> Zeroizing<String> {
    const SCHEME: &[u8] = b"Basic ";
    let length = SCHEME.len().saturating_add(pair.len().div_ceil(3).saturating_mul(4));
    let mut value = Zeroizing::new(Vec::with_capacity(length));
    value.extend_from_slice(SCHEME);
    value.resize(length, 0);
    let written =
        value.get_mut(SCHEME.len()..).and_then(|room| BASE64_STANDARD.encode_slice(pair, room).ok());
    value.truncate(SCHEME.len().saturating_add(written.unwrap_or_default()));
    Zeroizing::new(String::from_utf8(std::mem::take(&mut value)).unwrap_or_default())
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.headers.keys().map(|name| (name, format_args!("[redacted]")))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Header injection (CRLF): no token can add a header or a line.
    #[test]
    fn what_would_break_the_header_is_refused() {
        for token in
            ["", "a b", "a\r\nX-Admin: 1", "a\nb", "a\0b", "ü", "a\tb", "a\u{7f}", &"x".repeat(20_000)]
        {
            assert!(Credentials::bearer(token).is_err(), "{token:?}");
        }
        let name = HeaderName::from_static("x-api-key");
        for value in ["", "a\r\nb", "a\nb", "a\0b", &"x".repeat(20_000)] {
            assert!(Credentials::header(name.clone(), value).is_err(), "{value:?}");
        }
        assert!(Credentials::bearer("abc.DEF-_~+/=").is_ok());
    }

    #[test]
    fn nothing_is_overwritten_by_accident() {
        let error = Credentials::bearer("a").unwrap().with_header(AUTHORIZATION, "b").unwrap_err();
        assert_eq!(error.to_string(), "the credentials have a header `authorization` already");
    }

    #[test]
    fn same_compares_names_and_values() {
        let one = Credentials::bearer("a").unwrap();
        assert!(one.same(&Credentials::bearer("a").unwrap()));
        assert!(!one.same(&Credentials::bearer("b").unwrap()));
        assert!(!one.same(&Credentials::default()));
        let more = one.clone().with_header(HeaderName::from_static("x-org"), "7").unwrap();
        assert!(!one.same(&more) && !more.same(&one));
    }

    #[test]
    fn debug_shows_no_value() {
        let shown = format!(
            "{:?} {:#?}",
            Credentials::bearer("CANARY").unwrap(),
            Credentials::bearer("CANARY").unwrap()
        );
        assert!(!shown.contains("CANARY") && shown.contains("authorization"));
    }
}
