//! Revokes credentials before they expire, by a denylist: the trait [`Revocation`].
//!
//! The denylist is checked for each valid credential. [`MemoryRevocation`] is for one process; with the
//! feature `redis`, `RedisRevocation` is shared by any number of instances.
//!
//! # Example
//!
//! ```
//! use auth_runtime::{Auth, AuthError, AuthLayer, KeyRing, TicketCookie, revocation::MemoryRevocation};
//!
//! async fn log_out_everywhere(auth: Auth) -> Result<(), AuthError> {
//!     auth.log_out_everywhere().await
//! }
//!
//! let revocation = MemoryRevocation::new();
//! let layer = AuthLayer::new(TicketCookie::new(KeyRing::random())).with_revocation(revocation.clone());
//! # let _ = layer;
//! // An administrator ends all sessions of another user with `revocation.revoke_user(&user).await?`.
//! ```
//!
//! # Comparison
//!
//! A user's *epoch* (not-valid-before) is the last second in which earlier credentials were revoked. A
//! credential is revoked if its user authenticated at or before the epoch, or if it has no authentication
//! time. If it has both an authentication time and a time of issue, the earlier one counts: renewal does not
//! make a credential younger. A log-in in the second of the epoch is dated to the next second, so that it is
//! valid.
//!
//! With a denylist, a log-out revokes the credential that it ends, so that copies are no longer valid. The
//! entry is kept until the credential and each renewal of it have expired.

mod cache_invalidation;
mod denylist_entry_count;
mod denylist_limits;
mod denylist_table;
mod memory_revocation;
#[cfg(feature = "redis")]
mod redis;
mod revocation_listeners;
mod revocation_status;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
pub use cache_invalidation::{Invalidate, Push, Revoked};
pub use memory_revocation::MemoryRevocation;
#[cfg(feature = "redis")]
pub use redis::{RedisOptions, RedisRevocation, WhenAway};
pub use revocation_status::{RevocationFull, RevocationStatus};

use crate::{
    BoxError,
    answer_future::Answer,
    clock::UnixTime,
    identity::{CredentialId, UserId},
};

#[cfg(not(feature = "redis"))]
crate::names_of_feature!(FeatureRedis: RedisOptions RedisRevocation WhenAway);

/// How far a log-in may be dated ahead so that an epoch does not cover it.
#[doc(hidden)]
pub const MOST_AHEAD: Duration = Duration::from_secs(30);

/// A denylist of credentials.
///
/// It is checked at most once per request and user, when the user is needed. An error leads to 503 (fail
/// closed): it is never taken for "not revoked".
///
/// # Example
///
/// ```
/// use auth_runtime::{Answer, async_trait, BoxError, UserId};
/// use auth_runtime::{clock::UnixTime, identity::CredentialId};
/// use auth_runtime::revocation::{Revocation, RevocationStatus};
///
/// /// One administrator was dismissed; nothing else is ever revoked.
/// struct Dismissed(UserId, UnixTime);
///
/// #[async_trait]
/// impl Revocation for Dismissed {
///     fn find<'a>(
///         &'a self,
///         user: &'a UserId,
///         _: Option<&'a CredentialId>,
///     ) -> Answer<'a, Result<RevocationStatus, BoxError>> {
///         let status = RevocationStatus::none();
///         Answer::Now(Ok(if *user == self.0 { status.with_epoch(self.1) } else { status }))
///     }
///
///     async fn revoke_user(&self, _: &UserId) -> Result<(), BoxError> {
///         Err("this list is complete".into())
///     }
///
///     async fn revoke_everybody(&self) -> Result<(), BoxError> {
///         Err("this list is complete".into())
///     }
///
///     async fn revoke_credential(&self, _: &CredentialId, _: Option<UnixTime>) -> Result<(), BoxError> {
///         Err("this list is complete".into())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "this does not store revocations; write one such as `MemoryRevocation::new()`",
    label = "expected a store of revocations"
)]
#[async_trait]
pub trait Revocation: Send + Sync + 'static {
    /// Returns what has been revoked of this user and whether this credential has been, at once or later.
    ///
    /// # Errors
    ///
    /// Fails if the list is unavailable.
    fn find<'a>(
        &'a self,
        user: &'a UserId,
        credential: Option<&'a CredentialId>,
    ) -> Answer<'a, Result<RevocationStatus, BoxError>>;

    /// Revokes all present credentials of this user.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be stored; then nothing is revoked.
    async fn revoke_user(&self, user: &UserId) -> Result<(), BoxError>; // #[async_trait]

    /// Revokes all present credentials of all users.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be stored; then nothing is revoked.
    async fn revoke_everybody(&self) -> Result<(), BoxError>; // #[async_trait]

    /// Revokes one credential until it has expired, at `expires`. With `None` its expiry is unknown, and the
    /// entry is kept for the configured maximum lifetime.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be stored; then nothing is revoked.
    async fn revoke_credential(
        &self,
        credential: &CredentialId,
        expires: Option<UnixTime>,
    ) -> Result<(), BoxError>;

    /// Calls `listener` with each later revocation of any instance, until it returns `false`. It must not
    /// block, and is called when [`find`](Self::find) knows of the revocation.
    ///
    /// It makes watches end immediately. By default it is never called, and watches notice at
    /// their next check.
    fn listen(&self, listener: Arc<dyn Fn(&Revoked) -> bool + Send + Sync>) {
        let _ = listener;
    }
}
