//! Stores families of refresh tokens: the trait [`RefreshStore`].

use async_trait::async_trait;

use super::{FamilyId, RefreshFamily, TokenHash};
use auth_identity::BoxError;

/// Stores refresh token families.
///
/// [`MemoryRefreshStore`](super::MemoryRefreshStore) and `RedisRefreshStore` (with the feature `redis`)
/// implement it. In a database it is a table with the family's id as its key; `replace` is `UPDATE … WHERE id
/// = … AND current = …`, and returns whether a row was changed.
#[diagnostic::on_unimplemented(
    message = "this does not store refresh tokens; write one such as `MemoryRefreshStore::new()`",
    label = "expected a store of refresh tokens"
)]
#[async_trait]
pub trait RefreshStore: Send + Sync + 'static {
    /// Adds a new family. It may be dropped when it has expired.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable or full.
    async fn insert(&self, id: FamilyId, family: RefreshFamily) -> Result<(), BoxError>;

    /// Returns a family.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable.
    async fn load(&self, id: &FamilyId) -> Result<Option<RefreshFamily>, BoxError>;

    /// Replaces the family whose newest token is `current` by `next` in one atomic step (compare-and-swap),
    /// and returns whether it existed.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable.
    ///
    /// # Security
    ///
    /// Of several calls with the same `current` at most one may return `true`: the detection of stolen tokens
    /// depends on it.
    async fn replace(
        &self,
        id: &FamilyId,
        current: &TokenHash,
        next: RefreshFamily,
    ) -> Result<bool, BoxError>;

    /// Removes a family; a missing one is not an error.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable.
    async fn remove(&self, id: &FamilyId) -> Result<(), BoxError>;

    /// Removes all families of a subject.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable.
    async fn remove_subject(&self, subject: &str) -> Result<(), BoxError>;
}
