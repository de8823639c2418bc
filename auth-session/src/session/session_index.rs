//! Indexes sessions by user: the trait [`SessionIndex`].

use std::fmt;

use async_trait::async_trait;

use super::derived_ids::DerivedIds;
use auth_identity::{BoxError, clock::UnixTime, identity::CredentialId};

/// Indexes sessions by user, so that they can be listed, limited and ended.
///
/// The `user` is a text of 43 letters, digits, `-` and `_` that identifies the user, or a log-in that was
/// given an id.
///
/// # Errors
///
/// Each method fails if the index is unavailable.
#[diagnostic::on_unimplemented(
    message = "this does not list the sessions of a user; write `#[async_trait] impl SessionIndex for` its type",
    label = "expected an index of sessions"
)]
#[async_trait]
pub trait SessionIndex: Send + Sync + 'static {
    /// Adds a session.
    async fn add(&self, user: &str, entry: &SessionEntry) -> Result<(), BoxError>;

    /// Removes a session, if it exists.
    async fn remove(&self, user: &str, id: &CredentialId) -> Result<(), BoxError>;

    /// Returns the user's sessions in any order; it must include those that other instances have added.
    async fn list(&self, user: &str) -> Result<Vec<SessionEntry>, BoxError>;
}

/// A session in a [`SessionIndex`].
#[derive(Clone, Eq, PartialEq)]
pub struct SessionEntry {
    id: CredentialId,
    records: String,
    created: UnixTime,
    expires: UnixTime,
}

impl SessionEntry {
    /// Creates an entry from its stored parts.
    #[must_use]
    pub fn new(id: CredentialId, records: impl Into<String>, created: UnixTime, expires: UnixTime) -> Self {
        Self { id, records: records.into(), created, expires }
    }

    /// Returns the session's public id.
    #[must_use]
    pub const fn id(&self) -> &CredentialId {
        &self.id
    }

    /// Returns the store's name of the session; the cookie cannot be derived from it.
    #[must_use]
    pub fn records(&self) -> &str {
        &self.records
    }

    /// Returns when the session began.
    #[must_use]
    pub const fn created(&self) -> UnixTime {
        self.created
    }

    /// Returns the absolute timeout of the session, after which the entry can be dropped.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.expires
    }

    pub(super) fn ids(&self) -> Option<DerivedIds> {
        DerivedIds::from_records(self.id.clone(), &self.records)
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
