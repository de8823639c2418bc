//! Rotates refresh tokens, and detects their reuse: [`RefreshTokens`].

mod error;
#[cfg(feature = "redis")]
mod family_record;
mod grant;
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod refresh_family;
mod refresh_store;
mod refresh_token;

use std::{sync::Arc, time::Duration};

pub use error::{RefreshError, RefreshErrorKind};
pub use grant::Grant;
pub use memory::MemoryRefreshStore;
#[cfg(feature = "redis")]
pub use redis::RedisRefreshStore;
pub use refresh_family::RefreshFamily;
pub use refresh_store::RefreshStore;
pub use refresh_token::{FamilyId, RefreshToken, TokenHash, TokenSalt};

use crate::events;
use auth_identity::{
    clock::{Clock, SystemClock, UnixTime},
    identity::{Scopes, UserId},
    revocation::{Revocation, RevocationStatus},
};
use refresh_token::Parts;

/// The number of attempts of a rotation if concurrent requests win.
const MAX_ATTEMPTS: usize = 8;

/// Issues, rotates and revokes refresh tokens (RFC 6749, section 6; RFC 9700, section 4.14).
///
/// A log-in starts a family of tokens. Each use of its newest token ends that token and returns the next one.
/// If a used token is used again, it may have been stolen, and the whole family is revoked. The store has
/// hashes only.
///
/// | option | default |
/// |---|---|
/// | idle timeout: a token has to be used within | 14 days |
/// | absolute timeout: the user has to log in again after | 90 days |
/// | grace: the last used token returns the same successor again for | none |
///
/// # Example
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use auth_runtime::KeyRing;
/// use auth_runtime::jwt::{Grant, JwtIssuer, MemoryRefreshStore, RefreshErrorKind, RefreshTokens, RingKeys};
///
/// let issuer = JwtIssuer::new(RingKeys::new(KeyRing::random()), "https://shop.example")?;
/// let refresh = RefreshTokens::new(MemoryRefreshStore::new());
///
/// // At the log-in:
/// let grant = Grant::new("alice", "https://api.shop.example")?;
/// let first = refresh.start(grant.clone()).await?;
/// let access = issuer.access_token_for(&grant).issue()?;
///
/// // When the access token has expired:
/// let refreshed = refresh.refresh(first.as_str(), None).await?;
/// let access = issuer.access_token_for(refreshed.grant()).issue()?;
/// let second = refreshed.token().expect("the next token of the family");
///
/// // The first one was copied:
/// let error = refresh.refresh(first.as_str(), None).await.unwrap_err();
/// assert_eq!(error.kind(), RefreshErrorKind::Reused);
/// assert!(refresh.refresh(second.as_str(), None).await.is_err());
/// # let _ = access;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
///
/// Of any number of concurrent requests with the same token, exactly one gets the next token. The others
/// count as reuse, so the family is revoked, including the new token. Clients that send a request twice, such
/// as pages with several tabs, or that repeat a request whose response was lost, need
/// [`with_grace`](Self::with_grace).
///
/// Existing access tokens are valid until they expire or are revoked: keep their lifetime short.
#[derive(Clone)]
#[must_use]
pub struct RefreshTokens {
    store: Arc<dyn RefreshStore>,
    clock: Arc<dyn Clock>,
    idle: Duration,
    absolute: Duration,
    grace: Duration,
    revocation: Option<Arc<dyn Revocation>>,
}

/// The result of a refresh.
#[derive(Clone, Debug)]
pub struct Refreshed {
    grant: Grant,
    token: Option<RefreshToken>,
}

impl Refreshed {
    /// Returns the grant for an access token: the user's grant, or the requested part of it.
    pub const fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Returns the next token. Within the [grace period](RefreshTokens::with_grace) it is the same one again,
    /// or `None` if the token was used before a grace period was configured.
    #[must_use]
    pub const fn token(&self) -> Option<&RefreshToken> {
        self.token.as_ref()
    }
}

impl RefreshTokens {
    /// Stores families in this store.
    pub fn new(store: impl RefreshStore) -> Self {
        Self {
            store: Arc::new(store),
            clock: Arc::new(SystemClock),
            idle: Duration::from_hours(14 * 24),
            absolute: Duration::from_hours(90 * 24),
            grace: Duration::ZERO,
            revocation: None,
        }
    }

    /// Sets the idle timeout: a token has to be used within it, in whole seconds. The default is 14 days.
    pub const fn with_idle_lifetime(mut self, lifetime: Duration) -> Self {
        self.idle = lifetime;
        self
    }

    /// Sets the absolute timeout, after which the user has to log in again, in whole seconds. The default is
    /// 90 days.
    pub const fn with_absolute_lifetime(mut self, lifetime: Duration) -> Self {
        self.absolute = lifetime;
        self
    }

    /// Sets how long, in whole seconds, the last used token may be used again: it then returns the same
    /// successor and grant. A client whose response was lost is therefore not logged out. The default is
    /// zero.
    ///
    /// # Security
    ///
    /// Within this time, an attacker with a copied token can get an access token and the successor unnoticed;
    /// the copy is detected when both the client and the attacker have used the successor. A few seconds
    /// suffice for clients that send a request twice. With a grace period, the store has a random number per
    /// family: an attacker who can read the store and has the last used token can derive the newest one.
    pub const fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Sets the clock. The default is the [`SystemClock`].
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets a denylist, which should be the layer's: after "log out everywhere", earlier tokens are rejected.
    /// By default there is none.
    ///
    /// It uses the [subject](Grant::subject) of the grant, which has to be the user's id.
    ///
    /// # Security
    ///
    /// Without it, `Auth::log_out_everywhere` does not end refresh tokens: the next refresh succeeds,
    /// although verifiers with the denylist reject the access token that
    /// [`JwtIssuer::access_token_for`](super::JwtIssuer::access_token_for) then issues. Call
    /// [`revoke_subject`](Self::revoke_subject) as well.
    pub fn with_revocation(mut self, revocation: impl Revocation) -> Self {
        self.revocation = Some(Arc::new(revocation));
        self
    }

    /// Starts a family at a log-in, and returns its first token.
    ///
    /// # Errors
    ///
    /// Fails if the store fails, and if the operating system gives no random bytes.
    pub async fn start(&self, grant: Grant) -> Result<RefreshToken, RefreshError> {
        let now = self.clock.now();
        // A start in the second of an epoch is dated to the next one, like log-ins.
        let epoch = self.revoked(grant.subject()).await?.epoch();
        let began = epoch.map_or(now, |epoch| now.max(epoch.plus(Duration::from_secs(1))));
        let parts = Parts::random()?;
        let family = RefreshFamily {
            grant,
            current: parts.hash(),
            previous: None,
            salt: None,
            began,
            rotated: began,
            idle_until: now.plus(self.idle),
            expires: now.plus(self.absolute),
        };
        self.store.insert(parts.family, family).await.map_err(RefreshError::unavailable)?;
        Ok(parts.to_token())
    }

    /// Uses a token, and returns the next one and the grant for an access token.
    ///
    /// `scopes` are those that the client requests; they must be among the granted ones, and apply to this
    /// access token only. With `None` it gets all.
    ///
    /// # Errors
    ///
    /// Fails with [`Invalid`](RefreshErrorKind::Invalid) if the token is malformed or unknown, with
    /// [`Reused`](RefreshErrorKind::Reused) if it was used before, with [`Scope`](RefreshErrorKind::Scope)
    /// for scopes that were not granted (the token stays valid), and with
    /// [`Unavailable`](RefreshErrorKind::Unavailable) if the store fails.
    pub async fn refresh(&self, token: &str, scopes: Option<&Scopes>) -> Result<Refreshed, RefreshError> {
        let parts = Parts::parse(token).ok_or(RefreshErrorKind::Invalid)?;
        let hash = parts.hash();
        for _ in 0..MAX_ATTEMPTS {
            let now = self.clock.now();
            let Some(family) = self.load(&parts.family, now).await? else {
                return Err(RefreshErrorKind::Invalid.into());
            };
            // Refreshes do not change the age of a family: it began with the log-in.
            let proved = family.grant.authenticated_at().map_or(family.began, |time| time.min(family.began));
            if self.revoked(family.grant.subject()).await?.revokes(Some(proved)) {
                self.store.remove(&parts.family).await.map_err(RefreshError::unavailable)?;
                return Err(RefreshErrorKind::Invalid.into());
            }
            if !family.current.is(&hash) {
                return self.use_again(&parts, &hash, &family, scopes, now).await;
            }
            let grant = family.grant.narrowed(scopes)?.with_began(family.began);
            // Without a grace period the successor does not depend on stored state.
            let salt = if self.grace.is_zero() { None } else { Some(TokenSalt::random()?) };
            let next = match &salt {
                Some(salt) => parts.salted_successor(salt),
                None => parts.successor()?,
            };
            let rotated = RefreshFamily {
                current: next.hash(),
                previous: Some(family.current.clone()),
                salt,
                rotated: now.max(family.rotated),
                idle_until: now.plus(self.idle),
                ..family
            };
            let is_ours = self.store.replace(&parts.family, &hash, rotated).await;
            if is_ours.map_err(RefreshError::unavailable)? {
                return Ok(Refreshed { grant, token: Some(next.to_token()) });
            }
            // A concurrent request won; look again.
        }
        Err(RefreshError::unavailable(
            "the store neither has the token's family changed nor changes it".into(),
        ))
    }

    /// Revokes the family of this token, at a log-out. An unknown token is not an error (RFC 7009, section
    /// 2.2).
    ///
    /// # Errors
    ///
    /// Fails if the store does; the family may then still be valid.
    pub async fn revoke(&self, token: &str) -> Result<(), RefreshError> {
        let Some(parts) = Parts::parse(token) else { return Ok(()) };
        self.store.remove(&parts.family).await.map_err(RefreshError::unavailable)
    }

    /// Revokes all families of a user: "log out everywhere".
    ///
    /// # Errors
    ///
    /// Fails if the store does; some families may then still be valid.
    pub async fn revoke_subject(&self, subject: &str) -> Result<(), RefreshError> {
        self.store.remove_subject(subject).await.map_err(RefreshError::unavailable)
    }

    /// Returns the revocations of a user; none without a denylist.
    async fn revoked(&self, subject: &str) -> Result<RevocationStatus, RefreshError> {
        let (Some(revocation), Ok(user)) = (&self.revocation, UserId::from_stored(subject)) else {
            return Ok(RevocationStatus::none());
        };
        revocation.find(&user, None).await.map_err(RefreshError::unavailable)
    }

    async fn load(&self, id: &FamilyId, now: UnixTime) -> Result<Option<RefreshFamily>, RefreshError> {
        let family = self.store.load(id).await.map_err(RefreshError::unavailable)?;
        Ok(family.filter(|family| now < family.idle_until && now < family.expires))
    }

    /// Only a holder of a token knows the family's id, so any other secret was an earlier token of it.
    async fn use_again(
        &self,
        parts: &Parts,
        hash: &TokenHash,
        family: &RefreshFamily,
        scopes: Option<&Scopes>,
        now: UnixTime,
    ) -> Result<Refreshed, RefreshError> {
        let is_last = family.previous.as_ref().is_some_and(|previous| previous.is(hash));
        // If the clock was set back, no time has passed: `since` is zero, and a grace period of zero stays
        // none.
        if is_last && !self.grace.is_zero() && now.since(family.rotated) < self.grace {
            let grant = family.grant.narrowed(scopes)?.with_began(family.began);
            let next = family.salt.as_ref().map(|salt| parts.salted_successor(salt));
            let next = next.filter(|next| next.hash().is(&family.current));
            return Ok(Refreshed { grant, token: next.map(|next| next.to_token()) });
        }
        self.store.remove(&parts.family).await.map_err(RefreshError::unavailable)?;
        events::refresh_token_reused(family.grant.subject());
        Err(RefreshErrorKind::Reused.into())
    }
}

impl std::fmt::Debug for RefreshTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshTokens")
            .field("idle", &self.idle)
            .field("absolute", &self.absolute)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}
