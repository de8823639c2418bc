//! Indexes which log-in began with which session at a provider, so that a log-out there ends it:
//! [`LoginIndex`].

#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod id_token_cipher;
mod login_record;
mod memory;
mod noted_logouts;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::fmt;

use auth_runtime::{BoxError, async_trait, clock::UnixTime, identity::CredentialId};

pub use login_record::{LoggedOut, LoginRecord};
pub use memory::MemoryLoginIndex;
#[cfg(feature = "postgres")]
pub use postgres::PostgresLoginIndex;
#[cfg(feature = "redis")]
pub use redis::RedisLoginIndex;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteLoginIndex;

/// How many log-ins one user of a provider may have in an index, by default.
const CAPACITY: u32 = 1_000;

/// Keeps which log-in here began with which session at a provider.
///
/// [`MemoryLoginIndex`] serves one process. Several instances share a `SqliteLoginIndex`, a
/// `PostgresLoginIndex` or a `RedisLoginIndex`, with the feature of this name.
///
/// # Security
///
/// No session begins, or goes on, that the provider has ended since its log-in began. In which order log-in
/// and log-out come does not matter, nor on which instances, nor what their clocks show:
///
/// 1. An attempt to log in carries the number of the [last log-out](Self::last_logout) before it.
/// 2. A log-in is [recorded](Self::record) before its session begins. Then it fails if one of the
///    [log-outs since](Self::has_logged_out) is about it.
/// 3. A log-out is [noted](Self::note_logout) first. Then it ends the sessions of the recorded log-ins that
///    it [finds](Self::find), and removes their records.
/// 4. A log-in is [kept](Self::keep) after its session is valid. If its record is gone, it fails.
///
/// By 2 and 3, the log-in finds the log-out or the log-out finds the log-in, and by 4, the session does not
/// outlive its record. This holds if each function is atomic and sees what others have written before.
#[async_trait]
pub trait LoginIndex: Send + Sync + 'static {
    /// Records a log-in that is about to begin, until this time. The one that it replaces does not count
    /// against the user's limit.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be recorded, or if there is no room for it; the log-in then fails, too. If the user has
    /// too many log-ins, the error is [`TooManyLogins`], and the page has a code for it.
    async fn record(
        &self,
        login: &LoginRecord,
        replaced: Option<&CredentialId>,
        until: UnixTime,
    ) -> Result<(), BoxError>;

    /// Keeps a recorded log-in until this time. Returns whether it was still recorded.
    ///
    /// # Errors
    ///
    /// Fails if the index is unavailable.
    async fn keep(&self, login: &CredentialId, until: UnixTime) -> Result<bool, BoxError>;

    /// Returns the recorded log-ins that a log-out is about.
    ///
    /// # Errors
    ///
    /// Fails if that cannot be found out.
    async fn find(&self, what: &LoggedOut) -> Result<Vec<LoginRecord>, BoxError>;

    /// Removes a log-in, if it is recorded.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be removed.
    async fn remove(&self, login: &CredentialId) -> Result<(), BoxError>;

    /// Returns the number of the last log-out that was noted; 0 if there was none.
    ///
    /// # Errors
    ///
    /// Fails if the index is unavailable; an attempt to log in then does not begin.
    async fn last_logout(&self) -> Result<u64, BoxError>;

    /// Notes a log-out until this time, under a number that is higher than those of all before it. It may be
    /// about log-ins that are not recorded, or not yet.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be noted; the log-out then fails, too.
    async fn note_logout(&self, what: &LoggedOut, until: UnixTime) -> Result<(), BoxError>;

    /// Returns whether a log-out with a higher number than this one [is about](LoggedOut::matches) the
    /// log-in.
    ///
    /// # Errors
    ///
    /// Fails if that cannot be found out; the log-in then fails, too.
    async fn has_logged_out(&self, login: &LoginRecord, since: u64) -> Result<bool, BoxError>;
}

/// The error of a [`LoginIndex`] that has no room for another log-in of this user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyLogins;

impl fmt::Display for TooManyLogins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the user has too many log-ins; let the index have a larger capacity")
    }
}

impl std::error::Error for TooManyLogins {}
