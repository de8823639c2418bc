//! Signs client assertions with the client's private key, `private_key_jwt`: [`ClientKey`] (RFC 7523).

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use super::random_text::random_text;
use crate::Error;

/// The lifetime of an assertion: enough for one request.
const LIFE: Duration = Duration::from_mins(1);

/// The private key of a client, with its algorithm and key id.
#[derive(Clone)]
pub struct ClientKey {
    key: Arc<EncodingKey>,
    header: Box<Header>,
    audience: Option<String>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: String,
    iat: u64,
    exp: u64,
}

impl ClientKey {
    /// Parses an Ed25519 key from PEM.
    ///
    /// # Errors
    ///
    /// Fails if the text is not such a key. The error says what it is and how to convert it.
    pub fn ed25519(pem: &[u8]) -> Result<Self, Error> {
        Self::new(pem, EncodingKey::from_ed_pem(pem), Algorithm::EdDSA)
    }

    /// Parses a P-256 key from PEM (PKCS #8).
    ///
    /// # Errors
    ///
    /// Fails if the text is not such a key. The error says what it is and how to convert it.
    pub fn es256(pem: &[u8]) -> Result<Self, Error> {
        Self::new(pem, EncodingKey::from_ec_pem(pem), Algorithm::ES256)
    }

    /// Parses an RSA key from PEM, for PSS signatures.
    ///
    /// # Errors
    ///
    /// Fails if the text is not such a key. The error says what it is and how to convert it.
    pub fn ps256(pem: &[u8]) -> Result<Self, Error> {
        Self::new(pem, EncodingKey::from_rsa_pem(pem), Algorithm::PS256)
    }

    /// Parses an RSA key from PEM, for PKCS #1 v1.5 signatures, which most servers accept.
    ///
    /// # Errors
    ///
    /// Fails if the text is not such a key. The error says what it is and how to convert it.
    pub fn rs256(pem: &[u8]) -> Result<Self, Error> {
        Self::new(pem, EncodingKey::from_rsa_pem(pem), Algorithm::RS256)
    }

    fn new(
        pem: &[u8],
        key: jsonwebtoken::errors::Result<EncodingKey>,
        algorithm: Algorithm,
    ) -> Result<Self, Error> {
        // The library's error may contain parts of the key.
        let key = key.map_err(|_| Error::configuration(super::pem_diagnosis::explain(pem)))?;
        Ok(Self { key: Arc::new(key), header: Box::new(Header::new(algorithm)), audience: None })
    }

    /// Sets the key id, by which the server finds the public key.
    #[must_use]
    pub fn with_key_id(mut self, id: impl Into<String>) -> Self {
        self.header.kid = Some(id.into());
        self
    }

    /// Sets the audience of the assertion. The default is the token endpoint; some servers require their
    /// issuer.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    pub(super) fn assertion(&self, client: &str, endpoint: &str, now: SystemTime) -> Result<String, Error> {
        let issued = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let claims = Claims {
            iss: client,
            sub: client,
            aud: self.audience.as_deref().unwrap_or(endpoint),
            jti: random_text()?,
            iat: issued.as_secs(),
            exp: issued.saturating_add(LIFE).as_secs(),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key)
            .map_err(|_| Error::configuration("the client's private key cannot sign"))
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKey")
            .field("algorithm", &self.header.alg)
            .field("key_id", &self.header.kid)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
