//! Revokes credentials by a denylist in memory: [`MemoryRevocation`].

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;

use super::{
    MOST_AHEAD, Revocation, RevocationStatus, Revoked,
    denylist_entry_count::Kind,
    denylist_limits::{Limits, limit_options},
    denylist_table::DenylistTable,
    revocation_listeners::Listeners,
};
use crate::{
    BoxError,
    answer_future::Answer,
    clock::{Clock, SystemClock, UnixTime},
    identity::{CredentialId, UserId},
};

/// A denylist in memory. Clones share the list: pass one to the layer and keep another in the application.
///
/// It ends with the process, and other processes do not see it.
///
/// # Example
///
/// ```
/// use auth_runtime::{UserId, revocation::{MemoryRevocation, Revocation}};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), auth_runtime::BoxError> {
/// let revocation = MemoryRevocation::new();
/// let mallory = UserId::new("mallory")?;
/// revocation.revoke_user(&mallory).await?;
/// assert!(revocation.find(&mallory, None).await?.epoch().is_some());
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct MemoryRevocation {
    table: Arc<DenylistTable>,
    writer: Arc<Mutex<()>>,
    listeners: Arc<Listeners>,
    clock: Arc<dyn Clock>,
    limits: Limits,
}

impl MemoryRevocation {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self {
            table: Arc::new(DenylistTable::new()),
            writer: Arc::default(),
            listeners: Arc::default(),
            clock: Arc::new(SystemClock),
            limits: Limits::default(),
        }
    }

    limit_options!();

    /// Makes one change at a time and notifies the listeners.
    fn change(
        &self,
        what: &Revoked,
        change: impl FnOnce(&DenylistTable, UnixTime) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let done = change(&self.table, self.clock.now());
        self.table.report(self.limits);
        drop(writer);
        if done.is_ok() {
            self.listeners.tell(what);
        }
        done
    }
}

/// Returns the next epoch. It covers all credentials until now, including those that were issued after the
/// previous epoch and dated ahead, by at most [`MOST_AHEAD`].
fn next_epoch(now: UnixTime, before: Option<UnixTime>) -> UnixTime {
    let Some(before) = before else { return now };
    before.plus(Duration::from_secs(1)).min(now.plus(MOST_AHEAD)).max(before).max(now)
}

impl Default for MemoryRevocation {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Revocation for MemoryRevocation {
    fn find<'a>(
        &'a self,
        user: &'a UserId,
        credential: Option<&'a CredentialId>,
    ) -> Answer<'a, Result<RevocationStatus, BoxError>> {
        Answer::Now(Ok(self.table.find(user, credential)))
    }

    async fn revoke_user(&self, user: &UserId) -> Result<(), BoxError> {
        self.change(&Revoked::User(user.clone()), |table, now| {
            table.make_room(Kind::User, self.limits, now)?;
            table.note_user(user, next_epoch(now, table.find(user, None).epoch()));
            Ok(())
        })
    }

    async fn revoke_everybody(&self) -> Result<(), BoxError> {
        self.change(&Revoked::Everybody, |table, now| {
            table.note_everybody(next_epoch(now, table.latest()));
            Ok(())
        })
    }

    async fn revoke_credential(
        &self,
        credential: &CredentialId,
        expires: Option<UnixTime>,
    ) -> Result<(), BoxError> {
        self.change(&Revoked::Credential(credential.clone()), |table, now| {
            table.make_room(Kind::Credential, self.limits, now)?;
            table.note_credential(credential, expires.unwrap_or(now.plus(self.limits.longest_lifetime)));
            Ok(())
        })
    }

    fn listen(&self, listener: Arc<dyn Fn(&Revoked) -> bool + Send + Sync>) {
        self.listeners.add(listener);
    }
}

impl fmt::Debug for MemoryRevocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRevocation").field("limits", &self.limits).finish_non_exhaustive()
    }
}
