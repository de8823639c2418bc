//! What the server keeps of a key.

use std::fmt;

use subtle::ConstantTimeEq;

use super::key::{self, ApiKeyError, Key, NewApiKey};
use crate::{
    Identity,
    clock::UnixTime,
    identity::{CredentialId, Scopes},
};

/// What the server keeps of a key: everything but the secret.
#[derive(Clone, Eq, PartialEq)]
#[must_use]
pub struct ApiKeyRecord {
    id: CredentialId,
    hash: [u8; 32],
    owner: Identity,
    scopes: Scopes,
    created: UnixTime,
    expires: Option<UnixTime>,
    revoked: Option<UnixTime>,
}

impl ApiKeyRecord {
    /// Issues a key: the text, which its owner has to note down now, and the record, which the server keeps.
    ///
    /// It has no scopes and does not expire.
    ///
    /// # Errors
    ///
    /// Fails when the prefix is not 1 to 16 letters and digits, and when the operating system gives no random bytes.
    pub fn issue(prefix: &str, owner: Identity, now: UnixTime) -> Result<(NewApiKey, Self), ApiKeyError> {
        let (key, id, hash) = key::generate(prefix)?;
        // An id of hexadecimal digits is a credential's name.
        let id = CredentialId::new(id).map_err(|_| ApiKeyError::no_randomness())?;
        Ok((key, Self::new(id, hash, owner, now)))
    }

    /// Puts a record together from what a database kept of it.
    pub const fn new(id: CredentialId, hash: [u8; 32], owner: Identity, created: UnixTime) -> Self {
        Self { id, hash, owner, scopes: Scopes::none(), created, expires: None, revoked: None }
    }

    /// Sets what the key is for. The default is no scope.
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// Sets from when on the key is not valid. The default is never.
    pub const fn with_expiry(mut self, time: UnixTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// Says that the key is not valid any more, whatever the time, and when that was decided.
    pub const fn with_revocation(mut self, time: UnixTime) -> Self {
        self.revoked = Some(time);
        self
    }

    /// Returns the key's public name.
    #[must_use]
    pub const fn id(&self) -> &CredentialId {
        &self.id
    }

    /// Returns what is kept of the secret.
    #[must_use]
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Returns whose key it is.
    #[must_use]
    pub const fn owner(&self) -> &Identity {
        &self.owner
    }

    /// Returns what the key is for.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Returns when it was issued.
    #[must_use]
    pub const fn created(&self) -> UnixTime {
        self.created
    }

    /// Returns from when on it is not valid.
    #[must_use]
    pub const fn expires(&self) -> Option<UnixTime> {
        self.expires
    }

    /// Returns when it was revoked.
    #[must_use]
    pub const fn revoked(&self) -> Option<UnixTime> {
        self.revoked
    }

    fn is_valid(&self, now: UnixTime) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}

/// Returns the record when the key is the one that it was made for, and valid now. Without a record the same work is
/// done for nothing.
pub(super) fn checked(found: Option<ApiKeyRecord>, key: &Key<'_>, now: UnixTime) -> Option<ApiKeyRecord> {
    let expected = found.as_ref().map_or([0; 32], |record| record.hash);
    let is_right: bool = key.hash().ct_eq(&expected).into();
    found.filter(|record| is_right && record.id.as_str() == key.id && record.is_valid(now))
}

impl fmt::Debug for ApiKeyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeyRecord")
            .field("id", &self.id)
            .field("owner", &self.owner)
            .field("scopes", &self.scopes)
            .field("created", &self.created)
            .field("expires", &self.expires)
            .field("revoked", &self.revoked)
            .finish_non_exhaustive()
    }
}
