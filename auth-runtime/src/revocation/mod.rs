//! Taking credentials back before they expire: of one user, of everybody, or a single one.
//!
//! A list of revocations is asked about each credential that was found valid. [`MemoryRevocation`] serves one process;
//! with the feature `redis`, `RedisRevocation` keeps any number of them in step.
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
//! // An administrator ends all sessions of somebody else with `revocation.revoke_user(&user).await?`.
//! ```
//!
//! # What is compared
//!
//! A user's *epoch* is the last second in which their earlier credentials were taken back. A credential is revoked when
//! its user proved who they are at or before the epoch, or when it does not tell the time. Where it tells both when the
//! user logged in and when it was issued, the earlier one counts: renewal makes no credential younger. A log-in in the
//! second of the epoch is dated to the next second, so that it is good at once.
//!
//! With a list, a log-out takes back the very credential that it ends, so that a copy of it is of no use either. The list
//! keeps it until the credential, and each renewal of it, has expired.

mod limits;
mod listeners;
mod memory;
mod push;
#[cfg(feature = "redis")]
mod redis;
mod room;
mod status;
mod table;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
pub use memory::MemoryRevocation;
pub use push::{Invalidate, Push, Revoked};
#[cfg(feature = "redis")]
pub use redis::{RedisOptions, RedisRevocation, WhenAway};
pub use status::{RevocationFull, RevocationStatus};

use crate::{
    BoxError,
    answer::Answer,
    clock::UnixTime,
    identity::{CredentialId, UserId},
};

/// How far ahead of the clock a log-in may be dated so that an epoch does not cover it.
pub(crate) const MOST_AHEAD: Duration = Duration::from_secs(30);

/// A list of what has been revoked.
///
/// It is asked at most once per request and user, when somebody wants to know the user. An error is answered with 503:
/// it is never taken for "not revoked".
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
#[async_trait]
pub trait Revocation: Send + Sync + 'static {
    /// Returns what has been revoked of this user, and whether this credential has been, at once or later.
    ///
    /// # Errors
    ///
    /// Fails when the question cannot be answered.
    fn find<'a>(
        &'a self,
        user: &'a UserId,
        credential: Option<&'a CredentialId>,
    ) -> Answer<'a, Result<RevocationStatus, BoxError>>;

    /// Revokes all credentials that this user has by now.
    ///
    /// # Errors
    ///
    /// Fails when that cannot be kept; then nothing is revoked.
    async fn revoke_user(&self, user: &UserId) -> Result<(), BoxError>;

    /// Revokes all credentials that anybody has by now.
    ///
    /// # Errors
    ///
    /// Fails when that cannot be kept; then nothing is revoked.
    async fn revoke_everybody(&self) -> Result<(), BoxError>;

    /// Revokes one credential, and may forget about it when it has expired, at `expires`. With `None` its end is not
    /// known, and it is kept for as long as the list is configured to assume that credentials live.
    ///
    /// # Errors
    ///
    /// Fails when that cannot be kept; then nothing is revoked.
    async fn revoke_credential(
        &self,
        credential: &CredentialId,
        expires: Option<UnixTime>,
    ) -> Result<(), BoxError>;

    /// Calls `listener` with whatever is revoked from now on, by whichever instance, for as long as it returns `true`. It must not
    /// block, and is called when [`find`](Self::find) knows of the revocation.
    ///
    /// That makes [watches](crate::watch) end at once. The default never calls it; they find out later then.
    fn listen(&self, listener: Arc<dyn Fn(&Revoked) -> bool + Send + Sync>) {
        let _ = listener;
    }
}
