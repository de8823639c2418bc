//! Where families of refresh tokens are kept.

use async_trait::async_trait;

use super::{FamilyId, RefreshFamily, TokenHash};
use crate::BoxError;

/// Keeps families of refresh tokens.
///
/// [`MemoryRefreshStore`](super::MemoryRefreshStore) is one, `RedisRefreshStore` (with the feature `redis`) another. In a
/// database it is a table with the family's id as its key:
/// `replace` is `UPDATE … WHERE id = … AND current = …`, and whether a row was changed is the answer.
#[async_trait]
pub trait RefreshStore: Send + Sync + 'static {
    /// Keeps a new family. It may be dropped when it has expired.
    ///
    /// # Errors
    ///
    /// Fails when the store does not answer or is full.
    async fn insert(&self, id: FamilyId, family: RefreshFamily) -> Result<(), BoxError>;

    /// Returns a family.
    ///
    /// # Errors
    ///
    /// Fails when the store does not answer.
    async fn load(&self, id: &FamilyId) -> Result<Option<RefreshFamily>, BoxError>;

    /// Puts `next` in the place of the family whose newest token is `current`, in one step, and returns whether there
    /// was one.
    ///
    /// # Errors
    ///
    /// Fails when the store does not answer.
    ///
    /// # Security
    ///
    /// Of several calls with the same `current` at most one may return `true`: on this rests that a stolen token is
    /// noticed.
    async fn replace(
        &self,
        id: &FamilyId,
        current: &TokenHash,
        next: RefreshFamily,
    ) -> Result<bool, BoxError>;

    /// Drops a family; one that is not there is no error.
    ///
    /// # Errors
    ///
    /// Fails when the store does not answer.
    async fn remove(&self, id: &FamilyId) -> Result<(), BoxError>;

    /// Drops all families of a subject.
    ///
    /// # Errors
    ///
    /// Fails when the store does not answer.
    async fn remove_subject(&self, subject: &str) -> Result<(), BoxError>;
}
