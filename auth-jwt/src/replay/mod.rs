//! Protects one-time tokens from replay: the trait [`ReplayCache`].

mod memory;
#[cfg(feature = "redis")]
mod redis;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use sha2::{Digest, Sha256};

pub use memory::MemoryReplayCache;
#[cfg(feature = "redis")]
pub use redis::RedisReplayCache;

use super::VerifiedClaims;
use auth_identity::{BoxError, clock::UnixTime};

/// The tolerance for instances with slow clocks.
pub(super) const CLOCKS_APART: Duration = Duration::from_mins(5);

/// Remembers used tokens, so that each is accepted once: see
/// [`BearerJwt::with_single_use`](super::BearerJwt::with_single_use).
///
/// [`MemoryReplayCache`] is for one process, `RedisReplayCache` (with the feature `redis`) for any number of
/// instances. In a database it is a table with the token's hash as its key: `INSERT … ON CONFLICT DO NOTHING`
/// returns whether a row was inserted. `auth-login` has one for SQLite and one for PostgreSQL.
#[diagnostic::on_unimplemented(
    message = "this does not remember used tokens; write one such as `MemoryReplayCache::new()`",
    label = "expected a replay cache"
)]
#[async_trait]
pub trait ReplayCache: Send + Sync + 'static {
    /// Records the use of a token in one atomic step, and returns whether it is the first. The record is kept
    /// [until](TokenUse::until) the token is no longer valid.
    ///
    /// # Errors
    ///
    /// Fails if the cache is unavailable or full; the request then gets 503 (fail closed).
    ///
    /// # Security
    ///
    /// Of several calls for the same token at most one may return `true`, and no record may be dropped early:
    /// replay protection depends on it.
    async fn use_once(&self, token: &TokenUse) -> Result<bool, BoxError>;

    /// Returns whether the use of a token was recorded, and records nothing: for a token that is used up only
    /// after what it asks for is done, so that a failure leaves it good.
    ///
    /// # Errors
    ///
    /// Fails if the cache is unavailable.
    ///
    /// # Security
    ///
    /// Two requests at the same time may both find a token unused. Call it only where doing twice what the
    /// token asks for does no harm, and [`use_once`](Self::use_once) afterwards.
    async fn is_used(&self, token: &TokenUse) -> Result<bool, BoxError>;
}

/// The use of one token; it does not reveal the token.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct TokenUse {
    hash: [u8; 32],
    now: UnixTime,
    until: UnixTime,
}

impl TokenUse {
    /// Creates one; applications need it only to test their caches.
    #[must_use]
    pub const fn new(hash: [u8; 32], now: UnixTime, until: UnixTime) -> Self {
        Self { hash, now, until }
    }

    /// Creates the use of a token with an id and an expiry; `None` for others.
    pub(super) fn of(claims: &VerifiedClaims, now: UnixTime, expiry_leeway: Duration) -> Option<Self> {
        let (id, expires) = (claims.id()?, claims.expires()?);
        let until = expires.plus(expiry_leeway).plus(CLOCKS_APART);
        Some(Self::new(hash(claims.issuer(), id.as_str()), now, until))
    }

    /// Returns the SHA-256 of the token's issuer and id (`iss` and `jti`).
    #[must_use]
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Returns the current time.
    #[must_use]
    pub const fn now(&self) -> UnixTime {
        self.now
    }

    /// Returns when the record may be dropped: five minutes after the token expires, as tolerance for clocks
    /// of several instances.
    #[must_use]
    pub const fn until(&self) -> UnixTime {
        self.until
    }
}

impl fmt::Debug for TokenUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenUse").field("now", &self.now).field("until", &self.until).finish_non_exhaustive()
    }
}

/// Hashes the issuer's length first, so that different pairs have different input.
pub(super) fn hash(issuer: Option<&str>, id: &str) -> [u8; 32] {
    let length = issuer.map_or(u64::MAX, |issuer| u64::try_from(issuer.len()).unwrap_or(u64::MAX));
    let mut hash = Sha256::new();
    hash.update(length.to_be_bytes());
    hash.update(issuer.unwrap_or_default());
    hash.update(id);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    // Equal ids of two issuers are different.
    #[test]
    fn hashes_tell_issuers_and_names_apart() {
        let texts = ["", "a", "b", "ab", "ba", "aa", "a\u{0}b", "\u{0}"];
        let issuers: Vec<_> = texts.into_iter().map(Some).chain([None]).collect();
        let mut seen = HashSet::new();
        for issuer in &issuers {
            for id in texts {
                assert!(seen.insert(hash(*issuer, id)), "{issuer:?} {id:?}");
            }
        }
        assert_eq!(hash(Some("a"), "b"), hash(Some("a"), "b"));
    }

    #[test]
    fn a_use_does_not_print_its_token() {
        let token = TokenUse::new(
            *b"0123456789-0123456789-0123456789",
            UnixTime::from_secs(1),
            UnixTime::from_secs(2),
        );
        let printed = format!("{token:?}");
        assert!(!printed.contains("0123") && !printed.contains("48, 49"), "{printed}");
        assert_eq!((token.now().as_secs(), token.until().as_secs(), token.hash()[0]), (1, 2, b'0'));
    }
}
