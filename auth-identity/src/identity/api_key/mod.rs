//! Authenticates by API keys: [`ApiKey`].

mod api_key_record;
mod api_key_store;
mod api_key_text;
mod policy;

use std::fmt;

use http::{HeaderName, HeaderValue};

pub use api_key_record::ApiKeyRecord;
pub use api_key_store::{ApiKeyStore, MemoryApiKeys};
pub use api_key_text::{ApiKeyError, ApiKeyErrorKind, NewApiKey};

use super::{InvalidRealm, credential_throttle::CredentialThrottle, realm};
#[cfg(feature = "throttle")]
use crate::throttle::Throttle;

/// Authenticates requests by an API key: an id and a secret, of which the server stores a hash.
///
/// | option | default |
/// |---|---|
/// | location of the key | the header `x-api-key` |
/// | accepted prefixes | all |
///
/// A key has the form `prefix_id_secret`: a recognizable prefix of letters and digits, 16 hexadecimal digits
/// as its id, and 72 with 256 random bits and a checksum, by which secret scanners can recognize a key. A
/// malformed key is rejected without a look-up.
///
/// # Example
///
/// ```
/// use auth_runtime::{ApiKey, AuthLayer, Identity, clock::UnixTime};
/// use auth_runtime::identity::{ApiKeyRecord, MemoryApiKeys, Scopes};
///
/// let keys = MemoryApiKeys::new();
/// let now = UnixTime::from_secs(1_700_000_000);
///
/// // The key is shown to its owner once; the record is kept.
/// let (key, record) = ApiKeyRecord::issue("shop", Identity::new("alice")?, now)?;
/// keys.add(record.with_scopes(Scopes::new(["orders:read"])?));
/// assert!(key.expose().starts_with("shop_"));
///
/// let auth = AuthLayer::new(ApiKey::new(keys).with_prefix("shop")?);
/// # let _ = auth;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A key of a program has a service as its owner: `Identity::service("billing")`.
///
/// The owner is the request's identity, the key's id is its [`CredentialId`](super::CredentialId), and its
/// scopes are those that `#[scope_required(…)]` requires.
///
/// # Security
///
/// A key that is unknown, wrong, revoked or expired gets the same 401 (enumeration). Hash and comparison run
/// for an unknown id too (timing attack); the time of the store's look-up is up to the store. The secret is
/// random, so a fast hash (SHA-256) protects it: a stolen store does not reveal a key. Browsers do not send
/// the header by themselves, so the credential is not ambient (CSRF).
pub struct ApiKey<S> {
    store: S,
    place: Place,
    prefix: Option<String>,
    realm: String,
    challenge: HeaderValue,
    throttle: CredentialThrottle,
}

/// The location of a key.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Place {
    Authorization,
    Bearer,
    Header(HeaderName),
}

impl Place {
    const fn scheme(&self) -> &'static str {
        match self {
            Self::Authorization | Self::Header(_) => "ApiKey",
            Self::Bearer => "Bearer",
        }
    }
}

impl<S: ApiKeyStore> ApiKey<S> {
    /// Creates a policy that looks keys up in this store.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self {
            store,
            place: Place::Header(HeaderName::from_static("x-api-key")),
            prefix: None,
            realm: "restricted".to_owned(),
            challenge: HeaderValue::from_static("ApiKey realm=\"restricted\""),
            throttle: CredentialThrottle::default(),
        }
    }

    /// Limits failed attempts by client, so that a client with wrong keys costs few look-ups. By default there is no
    /// limit.
    ///
    /// A key cannot be guessed, and a malformed one is rejected without a look-up and not counted.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{ApiKey, identity::MemoryApiKeys, throttle::{MemoryThrottle, Throttle}};
    ///
    /// let policy = ApiKey::new(MemoryApiKeys::new()).with_throttle(Throttle::new(MemoryThrottle::new()));
    /// # let _ = policy;
    /// ```
    ///
    /// # Security
    ///
    /// Beyond the limit a valid key gets 429, too. Clients behind one address share the limit.
    #[cfg(feature = "throttle")]
    #[must_use]
    pub fn with_throttle(mut self, throttle: Throttle) -> Self {
        self.throttle = CredentialThrottle::new(throttle);
        self
    }

    /// Reads keys from this header. The default is `x-api-key`.
    #[must_use]
    pub fn in_header(self, name: HeaderName) -> Self {
        self.in_place(Place::Header(name))
    }

    /// Reads keys from `Authorization: ApiKey …`.
    #[must_use]
    pub fn in_authorization(self) -> Self {
        self.in_place(Place::Authorization)
    }

    /// Reads keys from `Authorization: Bearer …`.
    ///
    /// A bearer token that is not a well-formed key, or has another [prefix](Self::with_prefix), is left to
    /// other policies.
    #[must_use]
    pub fn in_bearer_token(self) -> Self {
        self.in_place(Place::Bearer)
    }

    fn in_place(mut self, place: Place) -> Self {
        self.place = place;
        // The realm was validated when it was set.
        if let Ok(challenge) = realm::challenge(self.place.scheme(), &self.realm, "") {
            self.challenge = challenge;
        }
        self
    }

    /// Accepts only keys with this prefix. The default is to accept all.
    ///
    /// # Errors
    ///
    /// Fails if it does not have 1 to 16 letters and digits.
    pub fn with_prefix(mut self, prefix: &str) -> Result<Self, ApiKeyError> {
        api_key_text::check_prefix(prefix)?;
        self.prefix = Some(prefix.to_owned());
        Ok(self)
    }

    /// Sets the realm of the challenge. The default is `restricted`.
    ///
    /// # Errors
    ///
    /// Fails if it contains anything but visible ASCII and spaces.
    pub fn with_realm(mut self, text: &str) -> Result<Self, InvalidRealm> {
        self.challenge = realm::challenge(self.place.scheme(), text, "")?;
        text.clone_into(&mut self.realm);
        Ok(self)
    }
}

impl<S> fmt::Debug for ApiKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("place", &self.place)
            .field("prefix", &self.prefix)
            .field("challenge", &self.challenge)
            .finish_non_exhaustive()
    }
}
