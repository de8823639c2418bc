//! An index of log-ins that waits or fails where a test wants it to.

use std::{pin::Pin, sync::Arc};

use auth_login::{LoggedOut, LoginIndex, LoginRecord, MemoryLoginIndex};
use auth_runtime::{BoxError, async_trait, clock::UnixTime, identity::CredentialId};

/// What the index is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Record,
    Keep,
    Find,
    /// It has found what it returns
    Found,
    Remove,
    LastLogout,
    NoteLogout,
    HasLoggedOut,
}

type Allowed = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

#[derive(Clone)]
pub struct InterceptedIndex {
    inner: MemoryLoginIndex,
    before: Arc<dyn Fn(Step) -> Allowed + Send + Sync>,
}

impl InterceptedIndex {
    /// Waits for `before` at each step, and fails as it does.
    pub fn new<F>(inner: MemoryLoginIndex, before: impl Fn(Step) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        Self { inner, before: Arc::new(move |step| Box::pin(before(step))) }
    }
}

#[async_trait]
impl LoginIndex for InterceptedIndex {
    async fn record(
        &self,
        login: &LoginRecord,
        replaced: Option<&CredentialId>,
        until: UnixTime,
    ) -> Result<(), BoxError> {
        (self.before)(Step::Record).await?;
        self.inner.record(login, replaced, until).await
    }

    async fn keep(&self, login: &CredentialId, until: UnixTime) -> Result<bool, BoxError> {
        (self.before)(Step::Keep).await?;
        self.inner.keep(login, until).await
    }

    async fn find(&self, what: &LoggedOut) -> Result<Vec<LoginRecord>, BoxError> {
        (self.before)(Step::Find).await?;
        let found = self.inner.find(what).await;
        (self.before)(Step::Found).await?;
        found
    }

    async fn remove(&self, login: &CredentialId) -> Result<(), BoxError> {
        (self.before)(Step::Remove).await?;
        self.inner.remove(login).await
    }

    async fn last_logout(&self) -> Result<u64, BoxError> {
        (self.before)(Step::LastLogout).await?;
        self.inner.last_logout().await
    }

    async fn note_logout(&self, what: &LoggedOut, until: UnixTime) -> Result<(), BoxError> {
        (self.before)(Step::NoteLogout).await?;
        self.inner.note_logout(what, until).await
    }

    async fn has_logged_out(&self, login: &LoginRecord, since: u64) -> Result<bool, BoxError> {
        (self.before)(Step::HasLoggedOut).await?;
        self.inner.has_logged_out(login, since).await
    }
}
