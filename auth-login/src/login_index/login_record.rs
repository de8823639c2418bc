//! Names the log-ins of an index, [`LoginRecord`], and those that a log-out ends, [`LoggedOut`].

use auth_runtime::identity::CredentialId;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

/// One log-in, as a [`LoginIndex`](super::LoginIndex) keeps it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginRecord {
    /// The [id of the log-in](auth_runtime::LoginOptions::with_login_id): rotation of the session keeps it.
    pub login: CredentialId,
    /// The provider's name in paths.
    pub provider: String,
    /// The issuer, as its `id_token` says (`iss`).
    pub issuer: String,
    /// The subject, as the `id_token` says (`sub`).
    pub subject: String,
    /// The subject of the [account](crate::profile::Profile::account), which the descriptor may read from
    /// another claim.
    pub account: String,
    /// The user's session at the provider (`sid`), if it names one.
    pub session: Option<String>,
    /// The `id_token`, for the log-out at the provider. Keep it on the server only.
    pub id_token: Option<SecretString>,
}

impl LoginRecord {
    /// Returns a log-in without a session at the provider and without an `id_token`. The account has the same
    /// subject.
    #[must_use]
    pub fn new(login: CredentialId, provider: &str, issuer: &str, subject: &str) -> Self {
        Self {
            login,
            provider: provider.to_owned(),
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            account: subject.to_owned(),
            session: None,
            id_token: None,
        }
    }

    /// Sets the subject of the account.
    #[must_use]
    pub fn with_account(mut self, subject: impl Into<String>) -> Self {
        self.account = subject.into();
        self
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

    /// Returns the log-outs that are about this log-in. The session comes last, if there is one.
    pub(crate) fn ended_by(&self) -> impl Iterator<Item = LoggedOut> {
        let issuer = || self.issuer.clone();
        let session = self.session.clone().map(|session| LoggedOut::Session { issuer: issuer(), session });
        [
            LoggedOut::Login(self.login.clone()),
            LoggedOut::Subject { issuer: issuer(), subject: self.subject.clone() },
            LoggedOut::Account { issuer: issuer(), subject: self.account.clone() },
        ]
        .into_iter()
        .chain(session)
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
        /// The subject (`sub`)
        subject: String,
    },
    /// Every log-in with an identity that an account of the application has, or had.
    Account {
        /// The issuer
        issuer: String,
        /// The subject of the account
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
            Self::Account { issuer, subject } => login.issuer == *issuer && login.account == *subject,
        }
    }

    /// Returns a name for a store. What a provider writes is hashed: names have a fixed length, and do not
    /// show who the user is.
    pub(crate) fn key(&self) -> String {
        let (kind, issuer, name) = match self {
            Self::Login(id) => return format!("id:{id}"),
            Self::Session { issuer, session } => ("session", issuer, session),
            Self::Subject { issuer, subject } => ("subject", issuer, subject),
            Self::Account { issuer, subject } => ("account", issuer, subject),
        };
        let mut hash = Sha256::new();
        hash.update(u64::try_from(issuer.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(issuer);
        hash.update(name);
        format!("{kind}:{}", BASE64_URL_SAFE_NO_PAD.encode(hash.finalize()))
    }
}
