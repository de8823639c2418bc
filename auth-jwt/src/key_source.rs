//! Supplies keys for verification: the trait [`KeySource`] and its result, [`Found`].

use smallvec::SmallVec;

use super::{Algorithm, VerifyingKey};
use auth_identity::{Answer, BoxError, clock::UnixTime};

/// Finds the keys that verify a token: a single key, a [`KeySet`](super::KeySet), an issuer's address, or a
/// custom look-up.
///
/// `kid` and `algorithm` come from the token's header; a source returns keys of exactly this algorithm only.
/// The `kid` is unverified text of at most 256 bytes: use it as a map key, and nothing else (injection).
///
/// # Example
///
/// ```
/// use auth_runtime::{Answer, BoxError, clock::UnixTime};
/// use auth_runtime::jwt::{Algorithm, Found, KeySource, SigningKey, VerifyingKey};
///
/// struct Tenants(Vec<VerifyingKey>);
///
/// impl KeySource for Tenants {
///     fn find(&self, kid: Option<&str>, algorithm: Algorithm, _: UnixTime) -> Answer<'_, Result<Found, BoxError>> {
///         let known = self.0.iter().find(|key| key.kid() == kid && key.algorithm() == algorithm);
///         Answer::Now(Ok(known.cloned().into_iter().collect()))
///     }
/// }
/// # let key = SigningKey::generate(Algorithm::EdDSA).unwrap().with_kid("a").verifying_key();
/// # let found = Tenants(vec![key]).find(Some("a"), Algorithm::EdDSA, UnixTime::from_secs(0)).now().unwrap();
/// # assert_eq!(found.unwrap().iter().count(), 1);
/// ```
///
/// A source that has to wait keeps the `kid`:
///
/// ```
/// # use auth_runtime::{Answer, BoxError, clock::UnixTime};
/// # use auth_runtime::jwt::{Algorithm, Found, KeySource, VerifyingKey};
/// # struct Table;
/// # impl Table {
/// #     async fn key(&self, _: Option<String>) -> Result<Option<VerifyingKey>, BoxError> { Ok(None) }
/// # }
/// struct Stored(Table);
///
/// impl KeySource for Stored {
///     fn find(&self, kid: Option<&str>, algorithm: Algorithm, _: UnixTime) -> Answer<'_, Result<Found, BoxError>> {
///         let kid = kid.map(str::to_owned);
///         Answer::later(async move {
///             let found = self.0.key(kid).await?.filter(|key| key.algorithm() == algorithm);
///             Ok(found.into_iter().collect())
///         })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "this has no keys for tokens; write one such as `RingKeys::new(KeyRing::random())`",
    label = "expected a source of keys"
)]
pub trait KeySource: Send + Sync + 'static {
    /// Returns the keys that may verify such a token, at once or later; a token without a key is rejected.
    ///
    /// # Errors
    ///
    /// Fails if the keys are unavailable; the request gets 503 (fail closed).
    fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: UnixTime,
    ) -> Answer<'_, Result<Found, BoxError>>;
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

impl KeySource for VerifyingKey {
    fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        _: UnixTime,
    ) -> Answer<'_, Result<Found, BoxError>> {
        Answer::Now(Ok(self.serves(kid, algorithm).then(|| self.clone()).into_iter().collect()))
    }
}

impl<S: KeySource + ?Sized> KeySource for std::sync::Arc<S> {
    fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: UnixTime,
    ) -> Answer<'_, Result<Found, BoxError>> {
        (**self).find(kid, algorithm, now)
    }
}
