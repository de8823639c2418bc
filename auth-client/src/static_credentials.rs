//! Authorizes requests with static credentials: [`BasicAuthorizer`], [`BearerAuthorizer`] and
//! [`ApiKeyAuthorizer`].

use std::fmt;

use async_trait::async_trait;
use http::{HeaderName, header::AUTHORIZATION};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::{Authorizer, Credentials, Error, authorization_headers, authorizer::awaitable};

/// The encoding of a name and a password (RFC 7617 section 2.1).
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// A function of the application; `None` for characters that cannot be encoded.
    Custom(fn(&str) -> Option<Vec<u8>>),
    /// ISO 8859-1, one byte per character, for old servers.
    Latin1,
    /// UTF-8, the default of RFC 7617.
    #[default]
    Utf8,
}

impl Encoding {
    fn encode(self, text: &str) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Custom(encode) => encode(text).map(Zeroizing::new),
            Self::Latin1 => {
                // Allocate the final size at once: a growing buffer leaves copies behind.
                let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
                for letter in text.chars() {
                    bytes.push(u8::try_from(letter).ok()?);
                }
                Some(bytes)
            }
            Self::Utf8 => Some(Zeroizing::new(text.as_bytes().to_vec())),
        }
    }
}

/// Sends a name and a password as `Authorization: Basic …` (RFC 7617).
///
/// ```
/// use auth_client::{Authorizer, BasicAuthorizer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), auth_client::Error> {
/// let authorizer = BasicAuthorizer::new("Aladdin", "open sesame")?;
/// let credentials = (&authorizer).await?;
/// assert_eq!(credentials.headers()["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct BasicAuthorizer(Fixed);

impl BasicAuthorizer {
    /// Creates an authorizer that encodes as UTF-8. The password may be empty.
    ///
    /// # Errors
    ///
    /// Fails if the name contains a colon, or if either contains control characters (RFC 7617 section 2).
    pub fn new(name: &str, password: impl Into<SecretString>) -> Result<Self, Error> {
        Self::with_encoding(name, password, Encoding::Utf8)
    }

    /// Creates an authorizer with another encoding.
    ///
    /// # Errors
    ///
    /// Fails as [`new`](Self::new) does, and for characters that the encoding does not have.
    pub fn with_encoding(
        name: &str,
        password: impl Into<SecretString>,
        encoding: Encoding,
    ) -> Result<Self, Error> {
        let password = password.into();
        if name.contains(':') {
            return Err(Error::configuration("a name for Basic authentication must have no colon"));
        }
        if name.chars().chain(password.expose_secret().chars()).any(char::is_control) {
            return Err(Error::configuration("names and passwords must have no control characters"));
        }
        let text = Zeroizing::new(format!("{name}:{}", password.expose_secret()));
        let bytes = encoding.encode(&text).ok_or_else(|| {
            Error::configuration("the name or the password has characters that the encoding lacks")
        })?;
        Ok(Self(Fixed::new(Credentials::header(
            AUTHORIZATION,
            authorization_headers::basic(&bytes).as_str(),
        )?)))
    }
}

/// Sends a static token as `Authorization: Bearer …` (RFC 6750).
///
/// ```
/// use auth_client::BearerAuthorizer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), auth_client::Error> {
/// let credentials = (&BearerAuthorizer::new("ghp_16C7e42F292c6912E7710c838347Ae178B4a")?).await?;
/// assert!(credentials.headers()["authorization"].is_sensitive());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct BearerAuthorizer(Fixed);

impl BearerAuthorizer {
    /// Creates an authorizer with this token.
    ///
    /// # Errors
    ///
    /// Fails as [`Credentials::bearer`] does.
    pub fn new(token: impl Into<SecretString>) -> Result<Self, Error> {
        Ok(Self(Fixed::new(Credentials::bearer(token)?)))
    }
}

/// Sends an API key in a header. A key in a query would end up in logs, so there is no way to send one there.
///
/// ```
/// use auth_client::ApiKeyAuthorizer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), auth_client::Error> {
/// let credentials = (&ApiKeyAuthorizer::new("x-api-key", "s3cr3t")?).await?;
/// assert_eq!(credentials.headers()["x-api-key"], "s3cr3t");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ApiKeyAuthorizer(Fixed);

impl ApiKeyAuthorizer {
    /// Creates an authorizer that sends `key` in the header `name`.
    ///
    /// # Errors
    ///
    /// Fails if the name is not a valid header name, and as [`Credentials::header`] does.
    pub fn new(name: &str, key: impl Into<SecretString>) -> Result<Self, Error> {
        let name = name
            .parse::<HeaderName>()
            .map_err(|_| Error::configuration("the header name of the API key is not valid"))?;
        Ok(Self(Fixed::new(Credentials::header(name, key)?)))
    }
}

#[derive(Clone)]
struct Fixed {
    credentials: Credentials,
    service: String,
}

impl Fixed {
    fn new(credentials: Credentials) -> Self {
        Self { credentials, service: "unknown service".to_owned() }
    }
}

macro_rules! fixed {
    ($($name:ident),*) => {$(
        impl $name {
            /// Sets the service name in messages. The default is `unknown service`.
            #[must_use]
            pub fn with_service_name(mut self, name: impl Into<String>) -> Self {
                self.0.service = name.into();
                self
            }
        }

        #[async_trait]
        impl Authorizer for $name {
            async fn authorize(&self) -> Result<Credentials, Error> {
                Ok(self.0.credentials.clone())
            }

            fn service_name(&self) -> &str {
                &self.0.service
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("service", &self.0.service).finish_non_exhaustive()
            }
        }

        awaitable!($name);
    )*};
}

fixed!(ApiKeyAuthorizer, BasicAuthorizer, BearerAuthorizer);

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    use super::*;

    fn header(authorizer: &BasicAuthorizer) -> &str {
        authorizer.0.credentials.headers()["authorization"].to_str().unwrap()
    }

    // The test vectors of RFC 7617 sections 2 and 2.1.
    #[test]
    fn basic_vectors() {
        let aladdin = BasicAuthorizer::new("Aladdin", "open sesame").unwrap();
        assert_eq!(header(&aladdin), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let test = BasicAuthorizer::new("test", "123\u{a3}").unwrap();
        assert_eq!(header(&test), "Basic dGVzdDoxMjPCow==");
        let latin = BasicAuthorizer::with_encoding("test", "123\u{a3}", Encoding::Latin1).unwrap();
        assert_eq!(header(&latin), "Basic dGVzdDoxMjOj");
        let empty = BasicAuthorizer::new("user", "").unwrap();
        assert_eq!(header(&empty), "Basic dXNlcjo=");
        let colon = BasicAuthorizer::new("user", "a:b").unwrap();
        assert_eq!(header(&colon), format!("Basic {}", BASE64_STANDARD.encode("user:a:b")));
    }

    #[test]
    fn what_basic_cannot_carry_is_refused() {
        assert!(BasicAuthorizer::new("us:er", "x").is_err());
        assert!(BasicAuthorizer::new("us\ner", "x").is_err());
        assert!(BasicAuthorizer::new("user", "x\0").is_err());
        assert!(BasicAuthorizer::new("user", "x\u{85}").is_err());
        assert!(BasicAuthorizer::with_encoding("user", "\u{20ac}", Encoding::Latin1).is_err());
    }

    #[test]
    fn an_encoding_of_the_applications_own() {
        #[expect(clippy::unnecessary_wraps, reason = "other encodings lack characters")]
        fn utf16(text: &str) -> Option<Vec<u8>> {
            Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
        }
        let authorizer = BasicAuthorizer::with_encoding("a", "b", Encoding::Custom(utf16)).unwrap();
        assert_eq!(header(&authorizer), format!("Basic {}", BASE64_STANDARD.encode(b"a\0:\0b\0")));
        assert!(BasicAuthorizer::with_encoding("a", "b", Encoding::Custom(|_| None)).is_err());
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!(
            "{:?} {:?} {:?}",
            BasicAuthorizer::new("user", "CANARY").unwrap(),
            BearerAuthorizer::new("CANARY").unwrap(),
            ApiKeyAuthorizer::new("x-api-key", "CANARY").unwrap()
        );
        assert!(!shown.contains("CANARY") && !shown.contains(&BASE64_STANDARD.encode("user:CANARY")));
    }

    #[test]
    fn a_key_has_a_header_of_its_own() {
        assert!(ApiKeyAuthorizer::new("x api key", "k").is_err());
        assert!(ApiKeyAuthorizer::new("x-api-key", "").is_err());
        assert_eq!(
            ApiKeyAuthorizer::new("x-api-key", "k").unwrap().with_service_name("maps").service_name(),
            "maps"
        );
    }
}
