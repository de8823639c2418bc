//! Where the key of a token comes from.

use async_trait::async_trait;
use smallvec::SmallVec;

use super::{Algorithm, VerifyingKey};
use crate::{BoxError, clock::UnixTime};

/// Where the keys come from that verify tokens: one key, a [`KeySet`](super::KeySet), an issuer's address, or the
/// application's own look-up.
///
/// `kid` and `algorithm` are what a token's header claims; a source answers with keys of exactly this algorithm only.
/// The `kid` is foreign text of at most 256 bytes: a key of a map, and nothing else.
///
/// # Example
///
/// ```
/// use auth_runtime::{BoxError, clock::UnixTime, jwt::{Algorithm, Found, KeySource, SigningKey, VerifyingKey}};
///
/// struct Tenants(Vec<VerifyingKey>);
///
/// #[auth_runtime::async_trait]
/// impl KeySource for Tenants {
///     fn find_now(&self, kid: Option<&str>, algorithm: Algorithm, _: UnixTime) -> Option<Found> {
///         let known = self.0.iter().find(|key| key.kid() == kid && key.algorithm() == algorithm);
///         Some(known.cloned().into_iter().collect())
///     }
///
///     async fn find(&self, kid: Option<&str>, algorithm: Algorithm, now: UnixTime) -> Result<Found, BoxError> {
///         Ok(self.find_now(kid, algorithm, now).unwrap_or_default())
///     }
/// }
/// # let key = SigningKey::generate(Algorithm::EdDSA).unwrap().with_kid("a").verifying_key();
/// # let found = Tenants(vec![key]).find_now(Some("a"), Algorithm::EdDSA, UnixTime::from_secs(0)).unwrap();
/// # assert_eq!(found.iter().count(), 1);
/// ```
#[async_trait]
pub trait KeySource: Send + Sync + 'static {
    /// Returns the keys that may verify such a token, if the answer is at hand; [`None`] when it takes waiting.
    fn find_now(&self, kid: Option<&str>, algorithm: Algorithm, now: UnixTime) -> Option<Found>;

    /// Returns the keys that may verify such a token; no key means that the token is refused.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be known; the request is answered with 503.
    async fn find(&self, kid: Option<&str>, algorithm: Algorithm, now: UnixTime) -> Result<Found, BoxError>;
}

/// The keys that may verify a token: none, one, rarely a few.
#[derive(Clone, Debug, Default)]
pub struct Found(SmallVec<[VerifyingKey; 1]>);

impl Found {
    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the keys.
    pub fn iter(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.0.iter()
    }

    /// Returns the key that verifies the signature, if one does.
    #[must_use]
    pub fn verify(&self, signing_input: &[u8], signature: &[u8]) -> Option<&VerifyingKey> {
        self.iter().find(|key| key.verify(signing_input, signature))
    }
}

impl FromIterator<VerifyingKey> for Found {
    fn from_iter<T: IntoIterator<Item = VerifyingKey>>(keys: T) -> Self {
        Self(keys.into_iter().collect())
    }
}

#[async_trait]
impl KeySource for VerifyingKey {
    fn find_now(&self, kid: Option<&str>, algorithm: Algorithm, _: UnixTime) -> Option<Found> {
        Some(self.serves(kid, algorithm).then(|| self.clone()).into_iter().collect())
    }

    async fn find(&self, kid: Option<&str>, algorithm: Algorithm, now: UnixTime) -> Result<Found, BoxError> {
        Ok(self.find_now(kid, algorithm, now).unwrap_or_default())
    }
}

#[async_trait]
impl<S: KeySource + ?Sized> KeySource for std::sync::Arc<S> {
    fn find_now(&self, kid: Option<&str>, algorithm: Algorithm, now: UnixTime) -> Option<Found> {
        (**self).find_now(kid, algorithm, now)
    }

    async fn find(&self, kid: Option<&str>, algorithm: Algorithm, now: UnixTime) -> Result<Found, BoxError> {
        (**self).find(kid, algorithm, now).await
    }
}
