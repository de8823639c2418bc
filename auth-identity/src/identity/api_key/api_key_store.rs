//! Stores API keys: the trait [`ApiKeyStore`], and [`MemoryApiKeys`].

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use super::ApiKeyRecord;
use crate::{BoxError, Identity, answer_future::Answer, clock::UnixTime, identity::CredentialId};

/// Looks up API keys.
///
/// Async closures `|id: CredentialId| async move { … }` implement it.
///
/// # Security
///
/// The id comes from the client, but is well-formed: 16 hexadecimal digits.
#[diagnostic::on_unimplemented(
    message = "this does not find API keys; write `|id: CredentialId| async move {{ Ok(None) }}`",
    label = "expected an async closure from `CredentialId` to `Result<Option<ApiKeyRecord>, BoxError>`"
)]
pub trait ApiKeyStore: Send + Sync + 'static {
    /// Returns the record of the key with this id.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable; the request gets 503.
    fn find(&self, id: CredentialId) -> Answer<'_, Result<Option<ApiKeyRecord>, BoxError>>;
}

#[diagnostic::do_not_recommend]
impl<F, Fut> ApiKeyStore for F
where
    F: Fn(CredentialId) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<ApiKeyRecord>, BoxError>> + Send + 'static,
{
    fn find(&self, id: CredentialId) -> Answer<'_, Result<Option<ApiKeyRecord>, BoxError>> {
        Answer::later(async move { self(id).await })
    }
}

/// A store in memory, for tests and for keys from the configuration. Clones share the keys.
#[derive(Clone, Debug, Default)]
pub struct MemoryApiKeys(Arc<RwLock<BTreeMap<CredentialId, ApiKeyRecord>>>);

impl MemoryApiKeys {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record; it replaces one with the same id.
    pub fn add(&self, record: ApiKeyRecord) {
        let mut records = self.0.write().unwrap_or_else(PoisonError::into_inner);
        records.insert(record.id().clone(), record);
    }

    /// Revokes a key; its next request is rejected. Returns whether it exists.
    pub fn revoke(&self, id: &CredentialId, now: UnixTime) -> bool {
        let mut records = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Some(record) = records.get_mut(id) else { return false };
        // Keep the time of the first revocation.
        if record.revoked().is_none() {
            *record = record.clone().with_revocation(now);
        }
        true
    }

    /// Returns the records of an owner, sorted by id.
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
