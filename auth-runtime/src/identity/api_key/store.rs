//! Where records of keys are kept.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use super::ApiKeyRecord;
use crate::{BoxError, Identity, answer::Answer, clock::UnixTime, identity::CredentialId};

/// Looks records of keys up.
///
/// An async closure `|id: CredentialId| async move { … }` is one.
///
/// # Security
///
/// The id is text that anybody may send, though of a key's form: 16 hexadecimal digits.
pub trait ApiKeyStore: Send + Sync + 'static {
    /// Returns the record of the key with this id.
    ///
    /// # Errors
    ///
    /// Fails when the question cannot be answered: 503.
    fn find(&self, id: CredentialId) -> Answer<'_, Result<Option<ApiKeyRecord>, BoxError>>;
}

impl<F, Fut> ApiKeyStore for F
where
    F: Fn(CredentialId) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<ApiKeyRecord>, BoxError>> + Send + 'static,
{
    fn find(&self, id: CredentialId) -> Answer<'_, Result<Option<ApiKeyRecord>, BoxError>> {
        Answer::later(async move { self(id).await })
    }
}

/// Records in memory, for tests and for keys that come from the configuration. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryApiKeys(Arc<RwLock<BTreeMap<CredentialId, ApiKeyRecord>>>);

impl MemoryApiKeys {
    /// No keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a record, in the place of an earlier one of the same id.
    pub fn add(&self, record: ApiKeyRecord) {
        let mut records = self.0.write().unwrap_or_else(PoisonError::into_inner);
        records.insert(record.id().clone(), record);
    }

    /// Ends a key: its next request is refused. Returns whether there was one.
    pub fn revoke(&self, id: &CredentialId, now: UnixTime) -> bool {
        let mut records = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Some(record) = records.get_mut(id) else { return false };
        // The first time stands.
        if record.revoked().is_none() {
            *record = record.clone().with_revocation(now);
        }
        true
    }

    /// Returns the records of one owner's keys, sorted by id.
    #[must_use]
    pub fn of(&self, owner: &Identity) -> Vec<ApiKeyRecord> {
        let records = self.0.read().unwrap_or_else(PoisonError::into_inner);
        records.values().filter(|record| record.owner() == owner).cloned().collect()
    }
}

impl ApiKeyStore for MemoryApiKeys {
    fn find(&self, id: CredentialId) -> Answer<'_, Result<Option<ApiKeyRecord>, BoxError>> {
        Answer::Now(Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()))
    }
}
