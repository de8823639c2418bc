//! Lists and ends the sessions of users: [`Sessions`].

use std::{fmt, sync::Arc};

use super::{SessionEntry, loaded_session::LoadedSession, store_with_timeout::StoreWithTimeout};
use auth_identity::{
    Identity,
    clock::{Clock, SystemClock, UnixTime},
    identity::{CredentialId, IdentityError},
};

/// Lists and ends the sessions of users: "log out everywhere", "where am I logged in".
///
/// Users are identified by the identity of their log-in.
///
/// # Example
///
/// ```
/// use auth_runtime::{Identity, SessionIdentity};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let policy = SessionIdentity::memory();
/// let sessions = policy.sessions(); // for the application's state; `policy` goes to the `AuthLayer`
///
/// let alice = Identity::new("alice")?;
/// assert!(sessions.list(&alice).await?.is_empty());
/// assert_eq!(sessions.end_all(&alice).await?, 0);
/// # Ok(())
/// # }
/// ```
///
/// It needs no [denylist](auth_identity::revocation), unlike
/// `Auth::log_out_everywhere`, which ends all credentials of a user and
/// not only sessions.
///
/// # Errors
///
/// Every method fails if the store or the index is unavailable, and without an index. Sessions that could not
/// be ended are still listed. A handler may return the error as an `AuthError`: the
/// response is 503, and it is logged.
#[derive(Clone)]
pub struct Sessions {
    backend: StoreWithTimeout,
    clock: Arc<dyn Clock>,
}

/// One session of a user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SessionInfo {
    id: CredentialId,
    created: UnixTime,
    last_seen: UnixTime,
    expires: UnixTime,
    label: Option<String>,
    actor: Option<Identity>,
}

impl SessionInfo {
    fn of(live: &LoadedSession) -> Self {
        Self {
            created: live.core.created(),
            last_seen: live.values.seen,
            expires: live.core.expires(),
            actor: live.core.actor().cloned(),
            label: live.core.label.clone(),
            id: live.ids.public.clone(),
        }
    }

    /// Returns the session's public id: enough to end it, but not to use it. The id of a request's own
    /// session is `Auth::credential_id`.
    #[must_use]
    pub const fn id(&self) -> &CredentialId {
        &self.id
    }

    /// Returns when the user logged in.
    #[must_use]
    pub const fn created(&self) -> UnixTime {
        self.created
    }

    /// Returns when the session was last used, with the precision of
    /// [`with_write_back_after`](super::SessionIdentity::with_write_back_after).
    #[must_use]
    pub const fn last_seen(&self) -> UnixTime {
        self.last_seen
    }

    /// Returns the absolute timeout of the session.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.expires
    }

    /// Returns the label of [`with_label`](super::SessionIdentity::with_label).
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Returns the user who impersonates in this session.
    #[must_use]
    pub const fn actor(&self) -> Option<&Identity> {
        self.actor.as_ref()
    }
}

impl Sessions {
    pub(super) fn new(backend: StoreWithTimeout) -> Self {
        Self { backend, clock: Arc::new(SystemClock) }
    }

    /// Sets the clock. The default is [`SystemClock`].
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Returns the user's valid sessions, oldest first.
    ///
    /// # Errors
    ///
    /// See [`Sessions`].
    pub async fn list(&self, user: &Identity) -> Result<Vec<SessionInfo>, IdentityError> {
        let key = self.backend.derivation.user(user);
        let mut found = Vec::new();
        for entry in self.entries(&key).await? {
            let Some(ids) = entry.ids() else { continue };
            let live = self.backend.open(&ids, self.clock.now()).await?;
            if let Some(live) = live.filter(|live| live.core.identity() == Some(user)) {
                found.push(SessionInfo::of(&live));
            }
        }
        found.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        Ok(found)
    }

    /// Ends one session of the user, or one in which the user impersonates another; returns whether it was
    /// valid. It cannot end other users' sessions.
    ///
    /// # Errors
    ///
    /// See [`Sessions`].
    pub async fn end(&self, user: &Identity, id: &CredentialId) -> Result<bool, IdentityError> {
        Ok(self.end_where(user, |entry| entry.id() == id).await? > 0)
    }

    /// Ends all sessions of the user but one, and those in which the user impersonates others; returns how
    /// many of them were valid.
    ///
    /// # Errors
    ///
    /// See [`Sessions`].
    pub async fn end_others(&self, user: &Identity, keep: &CredentialId) -> Result<usize, IdentityError> {
        self.end_where(user, |entry| entry.id() != keep).await
    }

    /// Ends all sessions of the user, and those in which the user impersonates others; returns how many of
    /// them were valid.
    ///
    /// A concurrent log-in may be among them, or begin just after. A concurrent start or end of an
    /// impersonation is not a log-in and does not keep a session alive.
    ///
    /// # Errors
    ///
    /// See [`Sessions`].
    pub async fn end_all(&self, user: &Identity) -> Result<usize, IdentityError> {
        self.end_where(user, |_| true).await
    }

    /// Ends the sessions of a [log-in with this id](auth_identity::identity::LoginOptions::with_login_id),
    /// those in which its user impersonates another included; returns how many of them were valid. It ends no
    /// sessions of other log-ins.
    ///
    /// # Errors
    ///
    /// See [`Sessions`].
    pub async fn end_login(&self, login: &CredentialId) -> Result<usize, IdentityError> {
        let key = self.backend.derivation.login(login);
        // Twice: see `end_listed`.
        self.end_listed(&[&key, &key], |_| true).await
    }

    /// Deletes expired records from the store. Databases need this regularly, such as once an hour; memory
    /// and Redis do it by themselves.
    ///
    /// # Errors
    ///
    /// Fails if the store is unavailable.
    pub async fn delete_expired(&self) -> Result<(), IdentityError> {
        let now = self.clock.now();
        if let Some(memory) = &self.backend.memory {
            memory.sweep(now);
        }
        match &self.backend.upkeep {
            Some(upkeep) => upkeep.delete_expired(now).await.map_err(IdentityError::unavailable),
            None => Ok(()),
        }
    }

    async fn entries(&self, key: &str) -> Result<Vec<SessionEntry>, IdentityError> {
        self.backend.call(self.backend.index()?.list(key)).await
    }

    async fn end_where(
        &self,
        user: &Identity,
        is_meant: impl Fn(&SessionEntry) -> bool,
    ) -> Result<usize, IdentityError> {
        let (user, acting) = (self.backend.derivation.user(user), self.backend.derivation.acting(user));
        // Both kinds, twice: see `end_listed`.
        self.end_listed(&[&user, &acting, &user, &acting], is_meant).await
    }

    /// Ends the sessions that are listed under these names, one name after the other. A name is given twice,
    /// because a request may replace one of its sessions by another meanwhile. The new session is in the
    /// index before it is valid, and is not valid once its origin has ended.
    async fn end_listed(
        &self,
        keys: &[&str],
        is_meant: impl Fn(&SessionEntry) -> bool,
    ) -> Result<usize, IdentityError> {
        let mut ended = 0_usize;
        for key in keys {
            let mut entries = self.entries(key).await?;
            entries.retain(&is_meant);
            ended = ended.saturating_add(self.backend.end_entries(key, &entries, self.clock.now()).await?);
        }
        Ok(ended)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("backend", &self.backend).finish_non_exhaustive()
    }
}
