//! [`LoginIndex`]: which log-in here began with which session at a provider, so that a log-out there ends it.

#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod hint;
mod memory;
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
use secrecy::SecretString;

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
/// A log-in is recorded before its session begins, and kept after the session is valid; a log-out ends the
/// session and removes the record. If the record is gone when it shall be kept, the log-in fails. So of a
/// recorded log-in and a log-out at the same moment, on any instances, none leaves a session that the provider
/// has ended. A log-out before the record, while the code is redeemed, finds nothing to end. This holds if each function is atomic and sees what others have written before.
#[async_trait]
pub trait LoginIndex: Send + Sync + 'static {
    /// Records a log-in that is about to begin, until this time.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be recorded, or if there is no room for it; the log-in then fails, too. If the user has
    /// too many log-ins, the error is [`TooManyLogins`], and the page has a code for it.
    async fn record(&self, login: &LoginRecord, until: UnixTime) -> Result<(), BoxError>;

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

/// One log-in, as a [`LoginIndex`] keeps it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginRecord {
    /// The [id of the log-in](auth_runtime::LoginOptions::with_login_id): rotation of the session keeps it.
    pub login: CredentialId,
    /// The provider's name in paths.
    pub provider: String,
    /// The issuer, as its `id_token` says (`iss`).
    pub issuer: String,
    /// The subject, as the `id_token` says (`sub`). That of the account may be another one.
    pub subject: String,
    /// The user's session at the provider (`sid`), if it names one.
    pub session: Option<String>,
    /// The `id_token`, for the log-out at the provider. Keep it on the server only.
    pub id_token: Option<SecretString>,
}

impl LoginRecord {
    /// Returns a log-in without a session at the provider and without an `id_token`.
    #[must_use]
    pub fn new(login: CredentialId, provider: &str, issuer: &str, subject: &str) -> Self {
        Self {
            login,
            provider: provider.to_owned(),
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            session: None,
            id_token: None,
        }
    }

    /// Sets the user's session at the provider.
    #[must_use]
    pub fn with_session(mut self, session: impl Into<String>) -> Self {
        self.session = Some(session.into());
        self
    }

    /// Sets the `id_token`.
    #[must_use]
    pub fn with_id_token(mut self, id_token: impl Into<SecretString>) -> Self {
        self.id_token = Some(id_token.into());
        self
    }
}

/// What a log-out is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoggedOut {
    /// The log-in with this id.
    Login(CredentialId),
    /// The log-ins of one session at the provider.
    Session {
        /// The issuer
        issuer: String,
        /// The session (`sid`)
        session: String,
    },
    /// Every log-in of a user at the provider.
    Subject {
        /// The issuer
        issuer: String,
        /// The subject
        subject: String,
    },
}

impl LoggedOut {
    /// Returns whether a log-in is among those.
    #[must_use]
    pub fn matches(&self, login: &LoginRecord) -> bool {
        match self {
            Self::Login(id) => login.login == *id,
            Self::Session { issuer, session } => {
                login.issuer == *issuer && login.session.as_ref() == Some(session)
            }
            Self::Subject { issuer, subject } => login.issuer == *issuer && login.subject == *subject,
        }
    }
}
