//! Which sessions a user has.

use std::fmt;

use async_trait::async_trait;

use super::secret::Ids;
use crate::{BoxError, clock::UnixTime, identity::CredentialId};

/// Knows which sessions each user has, so that they can be listed, limited and ended.
///
/// The `user` is a text of 43 letters, digits, `-` and `_` that stands for the user.
///
/// # Errors
///
/// Each method fails when the index does not answer.
#[async_trait]
pub trait SessionIndex: Send + Sync + 'static {
    /// Adds a session.
    async fn add(&self, user: &str, entry: &SessionEntry) -> Result<(), BoxError>;

    /// Removes a session, if it is there.
    async fn remove(&self, user: &str, id: &CredentialId) -> Result<(), BoxError>;

    /// Returns the user's sessions, in any order; what has been added must be among them, whichever machine added it.
    async fn list(&self, user: &str) -> Result<Vec<SessionEntry>, BoxError>;
}

/// A session as a [`SessionIndex`] knows it.
#[derive(Clone, Eq, PartialEq)]
pub struct SessionEntry {
    id: CredentialId,
    records: String,
    created: UnixTime,
    expires: UnixTime,
}

impl SessionEntry {
    /// Puts one together that an index kept in parts.
    #[must_use]
    pub fn new(id: CredentialId, records: impl Into<String>, created: UnixTime, expires: UnixTime) -> Self {
        Self { id, records: records.into(), created, expires }
    }

    /// Returns the session's public name.
    #[must_use]
    pub const fn id(&self) -> &CredentialId {
        &self.id
    }

    /// Returns how the store calls the session's records; no cookie can be made of it.
    #[must_use]
    pub fn records(&self) -> &str {
        &self.records
    }

    /// Returns when the session began.
    #[must_use]
    pub const fn created(&self) -> UnixTime {
        self.created
    }

    /// Returns from when on the session is not valid, whatever happens; the entry can then be dropped.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.expires
    }

    pub(super) fn ids(&self) -> Option<Ids> {
        Ids::from_records(self.id.clone(), &self.records)
    }
}

impl fmt::Debug for SessionEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionEntry")
            .field("id", &self.id.as_str())
            .field("created", &self.created)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
