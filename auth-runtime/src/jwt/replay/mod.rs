//! What has been used, for tokens that are good once.

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
use crate::{BoxError, clock::UnixTime};

/// How much later than elsewhere a token may expire on a machine whose clock is slow.
const CLOCKS_APART: Duration = Duration::from_mins(5);

/// Remembers which tokens were used, so that each is taken once: see
/// [`BearerJwt::with_single_use`](super::BearerJwt::with_single_use).
///
/// [`MemoryReplayCache`] serves one process, `RedisReplayCache` (with the feature `redis`) any number of machines. In a
/// database it is a table with the token's hash as its key: `INSERT … ON CONFLICT DO NOTHING`, and whether a row was
/// inserted is the answer.
#[async_trait]
pub trait ReplayCache: Send + Sync + 'static {
    /// Notes that a token is used, in one step, and returns whether this is the first time. It is kept
    /// [until](TokenUse::until) it can be of no use any more.
    ///
    /// # Errors
    ///
    /// Fails when nobody can tell, and when there is no room for it; the request is then answered with 503.
    ///
    /// # Security
    ///
    /// Of several calls for the same token at most one may return `true`, and nothing may be forgotten early: on this
    /// rests that a token is good once.
    async fn use_once(&self, token: &TokenUse) -> Result<bool, BoxError>;
}

/// The use of one token. It does not tell which token that is.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct TokenUse {
    hash: [u8; 32],
    now: UnixTime,
    until: UnixTime,
}

impl TokenUse {
    /// Puts one together; applications need this for tests of their own caches only.
    #[must_use]
    pub const fn new(hash: [u8; 32], now: UnixTime, until: UnixTime) -> Self {
        Self { hash, now, until }
    }

    /// The use of a token that names itself and expires; `None` of others.
    pub(super) fn of(claims: &VerifiedClaims, now: UnixTime, expiry_leeway: Duration) -> Option<Self> {
        let (id, expires) = (claims.id()?, claims.expires()?);
        let until = expires.plus(expiry_leeway).plus(CLOCKS_APART);
        Some(Self::new(hash(claims.issuer(), id.as_str()), now, until))
    }

    /// Returns the SHA-256 of the token's issuer and name: two tokens have the same one if both claims, `iss` and `jti`,
    /// are the same.
    #[must_use]
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Returns the present time.
    #[must_use]
    pub const fn now(&self) -> UnixTime {
        self.now
    }

    /// Returns from when on the token need not be remembered: five minutes after it has expired, since the clocks of
    /// several machines may differ by so much.
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

/// No two pairs are hashed as the same bytes: the length of the issuer stands before it, and no text is so long.
fn hash(issuer: Option<&str>, id: &str) -> [u8; 32] {
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

    // JW25: the names that two issuers give are two names.
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
