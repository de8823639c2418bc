//! Invalidates caches on all instances: the trait [`Push`].

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    BoxError,
    identity::{CredentialId, UserId},
};

/// What a cache has to drop.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Invalidate {
    /// Everything
    All,
    /// The entries of this user
    User(UserId),
}

/// What was revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Revoked {
    /// One credential
    Credential(CredentialId),
    /// All credentials, or an unknown set of them
    Everybody,
    /// All credentials of this user
    User(UserId),
}

/// Invalidates the caches of every instance.
///
/// `RedisRevocation` implements it. An application may implement it with, for example, the notifications of a
/// database.
#[async_trait]
pub trait Push: Send + Sync + 'static {
    /// Calls `listener` with each invalidation, until it returns `false`. It must not block.
    ///
    /// If messages may have been lost, it is called with [`Invalidate::All`].
    fn listen(&self, listener: Arc<dyn Fn(&Invalidate) -> bool + Send + Sync>);

    /// Notifies the listeners of every instance, including this one.
    ///
    /// # Errors
    ///
    /// Fails if the other instances cannot be reached.
    async fn push(&self, what: Invalidate) -> Result<(), BoxError>;
}
