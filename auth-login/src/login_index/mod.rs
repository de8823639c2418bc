//! [`LoginIndex`]: which credential began with which log-in, so that a log-out of the provider ends it.

mod memory;

use auth_runtime::{BoxError, async_trait, identity::CredentialId};
use secrecy::SecretString;

pub use memory::MemoryLoginIndex;

/// Keeps which credential (session, ticket) began with which log-in at a provider.
///
/// [`MemoryLoginIndex`] serves one process. Several instances share one in their database: a table with the
/// credential as its key and indexes on issuer with session and issuer with subject.
#[async_trait]
pub trait LoginIndex: Send + Sync + 'static {
    /// Keeps a log-in.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be kept; the log-in then fails, too.
    async fn record(&self, login: LoginRecord) -> Result<(), BoxError>;

    /// Returns the log-ins that a log-out is about.
    ///
    /// # Errors
    ///
    /// Fails if that cannot be found out.
    async fn find(&self, what: &LoggedOut) -> Result<Vec<LoginRecord>, BoxError>;

    /// Forgets the log-in with which a credential began.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be forgotten.
    async fn remove(&self, credential: &CredentialId) -> Result<(), BoxError>;
}

/// One log-in, as a [`LoginIndex`] keeps it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginRecord {
    /// The credential that began with the log-in.
    pub credential: CredentialId,
    /// The provider's name in paths.
    pub provider: String,
    /// The issuer.
    pub issuer: String,
    /// The subject.
    pub subject: String,
    /// The user's session at the provider (`sid`), if it names one.
    pub session: Option<String>,
    /// The `id_token`, for the log-out at the provider. Keep it on the server only.
    pub id_token: Option<SecretString>,
}

impl LoginRecord {
    /// Returns a log-in without a session at the provider and without an `id_token`.
    #[must_use]
    pub fn new(credential: CredentialId, provider: &str, issuer: &str, subject: &str) -> Self {
        Self {
            credential,
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
    /// The log-in with which this credential began.
    Credential(CredentialId),
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
            Self::Credential(credential) => login.credential == *credential,
            Self::Session { issuer, session } => {
                login.issuer == *issuer && login.session.as_ref() == Some(session)
            }
            Self::Subject { issuer, subject } => login.issuer == *issuer && login.subject == *subject,
        }
    }
}
