//! Signs and verifies tokens with the application's key ring: [`RingKeys`].

use std::{sync::Arc, time::Duration};

use auth_identity::__private::{Derived, Purpose};

use super::{Algorithm, Found, JwtKeyError, KeySource, SigningKey};
use auth_identity::{
    Answer, BoxError,
    clock::UnixTime,
    keys::{KeyId, KeyRing},
};

/// The format version; another number has other subkeys.
const VERSION: u8 = 1;

/// The keys of a [`KeyRing`] as token keys: HS256, each with its [`KeyId`] as `kid`.
///
/// Tokens are signed with subkeys of the ring, so that a token is not valid as a ticket, nor a ticket as a
/// token. When the ring rotates, new tokens are signed with the new key, and old ones stay valid until their
/// key is retired; keep keys for at least as long as tokens live. A rotating ring also rotates here, and
/// limits the lifetime of tokens to that of their key. Copies share the ring.
///
/// Anyone who has the ring can issue tokens. If others have to verify tokens, give them public keys: use a
/// [`SigningKey`] with ES256 or `EdDSA`.
///
/// # Example
///
/// ```
/// use auth_runtime::KeyRing;
/// use auth_runtime::jwt::{BearerJwt, JwtIssuer, RingKeys};
///
/// let keys = RingKeys::new(KeyRing::random());
/// let issuer = JwtIssuer::new(keys.clone(), "https://shop.example")?;
/// let policy = BearerJwt::new(keys).with_issuer("https://shop.example").with_audience("https://api.shop.example");
/// # let _ = (issuer, policy);
/// # Ok::<(), auth_runtime::jwt::JwtConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RingKeys {
    keys: Arc<Derived<Result<SigningKey, JwtKeyError>>>,
}

impl RingKeys {
    /// Uses the keys of this ring.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        Self::for_application(ring, "")
    }

    /// Uses the keys of this ring for an application or tenant: tokens of one are not valid for another, even
    /// with the same ring.
    #[must_use]
    pub fn for_application(ring: KeyRing, name: &str) -> Self {
        Self::for_purpose(ring, "jwt", name)
    }

    /// Uses subkeys for another purpose than tokens.
    pub(super) fn for_purpose(ring: KeyRing, purpose: &str, application: &str) -> Self {
        let purpose = Purpose::new(VERSION, purpose, application, Algorithm::HS256.as_str());
        Self { keys: Arc::new(Derived::new(ring, purpose, named)) }
    }

    /// Returns the present signing key.
    ///
    /// # Errors
    ///
    /// Cannot fail in practice: 32 derived bytes are a valid key for HS256.
    pub(super) fn active(&self, now: UnixTime) -> Result<SigningKey, JwtKeyError> {
        self.keys.active(Some(now), |_, key| key.clone())
    }

    /// Returns how long a signature of now will verify; `None` if keys are retired manually.
    pub(super) fn credential_lifetime(&self) -> Option<Duration> {
        self.keys.credential_lifetime()
    }
}

fn named(id: KeyId, secret: &[u8; 32]) -> Result<SigningKey, JwtKeyError> {
    Ok(SigningKey::secret(Algorithm::HS256, secret)?.with_kid(id.to_string()))
}

impl KeySource for RingKeys {
    /// Returns no key for a token without `kid`: tokens of a ring always have one.
    fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: UnixTime,
    ) -> Answer<'_, Result<Found, BoxError>> {
        let id = kid.filter(|_| algorithm == Algorithm::HS256).and_then(key_id);
        let counted = |key: &Result<SigningKey, JwtKeyError>, state| {
            key.as_ref().ok().map(|key| key.verifying_key().counted_as(state))
        };
        let key = id.and_then(|id| self.keys.find(Some(now), id, counted));
        Answer::Now(Ok(key.flatten().into_iter().collect()))
    }
}

/// Parses exactly the `Display` form of an id.
fn key_id(text: &str) -> Option<KeyId> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 2 * KeyId::BYTES || !text.bytes().all(is_digit) {
        return None;
    }
    u64::from_str_radix(text, 16).ok().map(|id| KeyId::from_bytes(id.to_be_bytes()))
}

#[cfg(all(test, feature = "metrics"))]
mod tests {
    use super::*;
    use crate::{JwtIssuer, JwtVerifier, numbers::Numbers};
    use auth_identity::clock::Clock;

    const NOON: UnixTime = UnixTime::from_secs(1_700_000_000);

    #[derive(Debug)]
    struct AtNoon;

    impl Clock for AtNoon {
        fn now(&self) -> UnixTime {
            NOON
        }
    }

    #[test]
    fn checks_of_tokens_are_counted_among_those_of_the_ring() {
        let numbers = Numbers::default();
        metrics::with_local_recorder(&numbers, || {
            let keys = RingKeys::new(KeyRing::random());
            let issuer = JwtIssuer::new(keys.clone(), "a").unwrap().with_clock(AtNoon);
            let token = issuer.access_token("alice", "b").issue().unwrap();
            let is_valid = |keys: &RingKeys, token: &str| {
                let verifier = JwtVerifier::new(keys.clone()).with_issuer("a").with_audience("b");
                verifier.verify(token, NOON).now().unwrap().is_ok()
            };
            assert!(is_valid(&keys, token.as_str()));
            let (signed, _) = token.as_str().rsplit_once('.').unwrap();
            assert!(!is_valid(&keys, &format!("{signed}.{}", "A".repeat(43))));
            assert!(!is_valid(&RingKeys::new(KeyRing::random()), token.as_str()));
        });
        let of = |state, result| (format!("auth_key_verifications_total state={state} result={result}"), 1);
        let expected = [of("active", "invalid"), of("active", "valid"), of("unknown", "invalid")];
        assert_eq!(numbers.verifications(), expected);
    }
}
