//! Telling caches, here and on other machines, what to forget.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    BoxError,
    identity::{CredentialId, UserId},
};

/// What a cache is to forget.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Invalidate {
    /// Everything
    All,
    /// What it holds about this user
    User(UserId),
}

/// What was revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Revoked {
    /// One credential
    Credential(CredentialId),
    /// All credentials, or it is not known which
    Everybody,
    /// All credentials of this user
    User(UserId),
}

/// Tells the caches of every instance what to forget.
///
/// `RedisRevocation` is one; an application may write its own, over the notifications of a database, say.
#[async_trait]
pub trait Push: Send + Sync + 'static {
    /// Calls `listener` with whatever caches are to forget, for as long as it returns `true`. It must not block.
    ///
    /// Where messages may have been lost, it is called with [`Invalidate::All`].
    fn listen(&self, listener: Arc<dyn Fn(&Invalidate) -> bool + Send + Sync>);

    /// Tells the listeners of every instance, this one included.
    ///
    /// # Errors
    ///
    /// Fails when the others cannot be told.
    async fn push(&self, what: Invalidate) -> Result<(), BoxError>;
}
