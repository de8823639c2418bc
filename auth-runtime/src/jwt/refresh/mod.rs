//! Refresh tokens: opaque, rotated at each use, and worthless at once when one of them is used twice.

mod error;
mod family;
mod memory;
#[cfg(feature = "redis")]
mod record;
#[cfg(feature = "redis")]
mod redis;
mod store;
mod token;

use std::{sync::Arc, time::Duration};

pub use error::{RefreshError, RefreshErrorKind};
pub use family::{Grant, RefreshFamily};
pub use memory::MemoryRefreshStore;
#[cfg(feature = "redis")]
pub use redis::RedisRefreshStore;
pub use store::RefreshStore;
pub use token::{FamilyId, RefreshToken, TokenHash, TokenSalt};

use crate::{
    clock::{Clock, SystemClock, UnixTime},
    events,
    identity::{Scopes, UserId},
    revocation::{Revocation, RevocationStatus},
};
use token::Parts;

/// How often a rotation is tried again that others have got ahead of.
const MAX_ATTEMPTS: usize = 8;

/// Gives out refresh tokens and takes them back (RFC 6749, section 6; RFC 9700, section 4.14).
///
/// A log-in starts a family of tokens. Each use of its newest token ends that token and gives the next one; when a token
/// that has been used is used again, somebody has a copy of it, and the whole family ends. The store holds hashes only.
///
/// | option | default |
/// |---|---|
/// | idle lifetime: until a token has to be used | 14 days |
/// | absolute lifetime: until the user has to log in again | 90 days |
/// | grace: for how long the last used token gives the same successor again | none |
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
/// // Somebody has copied the first one:
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
/// Of any number of requests that use the same token at the same time, exactly one gets the next token. The others have
/// used a token twice, so the family ends, and with it what the first one got. Clients that send the same request
/// twice, such as pages with several tabs, and clients that repeat a request whose response was lost, need
/// [`with_grace`](Self::with_grace).
///
/// Access tokens that were issued before live on until they expire or are revoked: keep their lifetime short.
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

/// What a refresh token was good for.
#[derive(Clone, Debug)]
pub struct Refreshed {
    grant: Grant,
    token: Option<RefreshToken>,
}

impl Refreshed {
    /// Returns what an access token may be issued for: what the user granted, or as much of it as was asked for.
    pub const fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Returns the next token. Within the [grace](RefreshTokens::with_grace) it is the same one again, or `None` if the token
    /// was used before a grace was configured.
    #[must_use]
    pub const fn token(&self) -> Option<&RefreshToken> {
        self.token.as_ref()
    }
}

impl RefreshTokens {
    /// Keeps families in this store.
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

    /// Sets within what time a token has to be used, in whole seconds. The default is 14 days.
    pub const fn with_idle_lifetime(mut self, lifetime: Duration) -> Self {
        self.idle = lifetime;
        self
    }

    /// Sets after what time the user has to log in again, however often tokens were refreshed, in whole seconds. The
    /// default is 90 days.
    pub const fn with_absolute_lifetime(mut self, lifetime: Duration) -> Self {
        self.absolute = lifetime;
        self
    }

    /// Sets for how long, in whole seconds, the last used token may be used again: it then gives the same successor again,
    /// and what an access token may be issued for. So a client whose response was lost is not logged out. The default is
    /// not at all.
    ///
    /// # Security
    ///
    /// Who has copied a token can within this time get an access token and its successor with it unnoticed; the copy is
    /// noticed as soon as the client and the other one have both used the successor. A few seconds are enough for clients
    /// that send a request twice. With a grace, the store keeps a random number for each family: who can read the store
    /// and has the last used token can make the newest one.
    pub const fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Reads the time from `clock`. The default is the [`SystemClock`].
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Asks this list, which should be the layer's, whether the user has been logged out everywhere: no token from before
    /// that brings another access token. The default is not to ask.
    ///
    /// It goes by the [subject](Grant::subject) of the grant, which has to be the user's id.
    ///
    /// # Security
    ///
    /// Without it, `Auth::log_out_everywhere` does not end refresh tokens: the next refresh succeeds, though verifiers that
    /// ask the list reject the access token which [`JwtIssuer::access_token_for`](super::JwtIssuer::access_token_for) issues
    /// then. Call [`revoke_subject`](Self::revoke_subject) as well.
    pub fn with_revocation(mut self, revocation: impl Revocation) -> Self {
        self.revocation = Some(Arc::new(revocation));
        self
    }

    /// Starts a family, at a log-in, and returns its first token.
    ///
    /// # Errors
    ///
    /// Fails when the store does, and when the operating system gives no random bytes.
    pub async fn start(&self, grant: Grant) -> Result<RefreshToken, RefreshError> {
        let now = self.clock.now();
        // What begins in the second of an epoch is dated to the next one, as log-ins are.
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

    /// Takes a token back, and returns the next one and what an access token may be issued for.
    ///
    /// `scopes` are those that the client asks for; they must be among those that the user granted, and are for this
    /// access token only. With `None` it gets them all.
    ///
    /// # Errors
    ///
    /// Fails with [`Invalid`](RefreshErrorKind::Invalid) for what is no token or one of no family, with
    /// [`Reused`](RefreshErrorKind::Reused) for one that was used before, with [`Scope`](RefreshErrorKind::Scope) for
    /// scopes that were not granted (the token is then as good as before), and with
    /// [`Unavailable`](RefreshErrorKind::Unavailable) when the store fails.
    pub async fn refresh(&self, token: &str, scopes: Option<&Scopes>) -> Result<Refreshed, RefreshError> {
        let parts = Parts::parse(token).ok_or(RefreshErrorKind::Invalid)?;
        let hash = parts.hash();
        for _ in 0..MAX_ATTEMPTS {
            let now = self.clock.now();
            let Some(family) = self.load(&parts.family, now).await? else {
                return Err(RefreshErrorKind::Invalid.into());
            };
            // However often tokens were refreshed, the family is as old as its log-in.
            let proved = family.grant.authenticated_at().map_or(family.began, |time| time.min(family.began));
            if self.revoked(family.grant.subject()).await?.revokes(Some(proved)) {
                self.store.remove(&parts.family).await.map_err(RefreshError::unavailable)?;
                return Err(RefreshErrorKind::Invalid.into());
            }
            if !family.current.is(&hash) {
                return self.use_again(&parts, &hash, &family, scopes, now).await;
            }
            let grant = family.grant.narrowed(scopes)?.with_began(family.began);
            // Without a grace the successor depends on nothing that is kept.
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
            // Somebody got ahead; the next look tells how.
        }
        Err(RefreshError::unavailable(
            "the store neither has the token's family changed nor changes it".into(),
        ))
    }

    /// Ends the family of this token, at a log-out. A token of no family is no error (RFC 7009, section 2.2).
    ///
    /// # Errors
    ///
    /// Fails when the store does; the family may then still live.
    pub async fn revoke(&self, token: &str) -> Result<(), RefreshError> {
        let Some(parts) = Parts::parse(token) else { return Ok(()) };
        self.store.remove(&parts.family).await.map_err(RefreshError::unavailable)
    }

    /// Ends all families of a user: "log out everywhere".
    ///
    /// # Errors
    ///
    /// Fails when the store does; some families may then still live.
    pub async fn revoke_subject(&self, subject: &str) -> Result<(), RefreshError> {
        self.store.remove_subject(subject).await.map_err(RefreshError::unavailable)
    }

    /// What has been revoked of a user; nothing where nobody is asked.
    async fn revoked(&self, subject: &str) -> Result<RevocationStatus, RefreshError> {
        let (Some(revocation), Ok(user)) = (&self.revocation, UserId::new(subject)) else {
            return Ok(RevocationStatus::none());
        };
        revocation.find(&user, None).await.map_err(RefreshError::unavailable)
    }

    async fn load(&self, id: &FamilyId, now: UnixTime) -> Result<Option<RefreshFamily>, RefreshError> {
        let family = self.store.load(id).await.map_err(RefreshError::unavailable)?;
        Ok(family.filter(|family| now < family.idle_until && now < family.expires))
    }

    /// Only who has had a token of the family knows its id, so any other secret was one of it before.
    async fn use_again(
        &self,
        parts: &Parts,
        hash: &TokenHash,
        family: &RefreshFamily,
        scopes: Option<&Scopes>,
        now: UnixTime,
    ) -> Result<Refreshed, RefreshError> {
        let is_last = family.previous.as_ref().is_some_and(|previous| previous.is(hash));
        // A clock that was put back counts as no time passed: `since` is then zero, so a grace of zero stays none.
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
