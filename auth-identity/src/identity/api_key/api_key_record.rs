//! Stores the hash and the rights of an API key: [`ApiKeyRecord`].

use std::fmt;

use subtle::ConstantTimeEq;

use super::api_key_text::{self, ApiKeyError, Key, NewApiKey};
use crate::{
    Identity,
    clock::UnixTime,
    identity::{CredentialId, Scopes},
};

/// The stored record of a key: everything but the secret.
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
    /// Issues a key. Returns the text, which its owner has to note, and the record, which the server stores.
    ///
    /// The key has no scopes and does not expire. The owner is a user, or a service
    /// ([`Identity::service`](crate::Identity::service)).
    ///
    /// # Errors
    ///
    /// Fails if the prefix does not have 1 to 16 letters and digits, and if the operating system gives no
    /// random bytes.
    pub fn issue(prefix: &str, owner: Identity, now: UnixTime) -> Result<(NewApiKey, Self), ApiKeyError> {
        let (key, id, hash) = api_key_text::generate(prefix)?;
        // Hexadecimal digits are a valid credential id.
        let id = CredentialId::new(id).map_err(|_| ApiKeyError::no_randomness())?;
        Ok((key, Self::new(id, hash, owner, now)))
    }

    /// Creates a record from its stored parts.
    pub const fn new(id: CredentialId, hash: [u8; 32], owner: Identity, created: UnixTime) -> Self {
        Self { id, hash, owner, scopes: Scopes::none(), created, expires: None, revoked: None }
    }

    /// Sets the scopes. The default is none.
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// Sets the expiry: the key is not valid from this time on. The default is never.
    pub const fn with_expiry(mut self, time: UnixTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// Marks the key as revoked at this time; it is no longer valid at any time.
    pub const fn with_revocation(mut self, time: UnixTime) -> Self {
        self.revoked = Some(time);
        self
    }

    /// Returns the key's public id.
    #[must_use]
    pub const fn id(&self) -> &CredentialId {
        &self.id
    }

    /// Returns the hash of the secret.
    #[must_use]
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Returns the owner.
    #[must_use]
    pub const fn owner(&self) -> &Identity {
        &self.owner
    }

    /// Returns the scopes.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Returns the time of issue.
    #[must_use]
    pub const fn created(&self) -> UnixTime {
        self.created
    }

    /// Returns the expiry.
    #[must_use]
    pub const fn expires(&self) -> Option<UnixTime> {
        self.expires
    }

    /// Returns the time of revocation.
    #[must_use]
    pub const fn revoked(&self) -> Option<UnixTime> {
        self.revoked
    }

    fn is_valid(&self, now: UnixTime) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}

/// Returns the record if the key matches it and is valid now. Without a record the same work is done (timing
/// attack).
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
