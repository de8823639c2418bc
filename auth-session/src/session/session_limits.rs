//! Limits sessions: timeouts, sizes and the maximum number per user, [`SessionLimits`].

use std::time::Duration;

use auth_identity::__private::MAX_AGE;

use super::{
    SessionEntry,
    loaded_session::{LoadedSession, SessionHandle},
    store_with_timeout::StoreWithTimeout,
    stored_records::SessionIdentityRecord,
};
use auth_identity::{
    Identity,
    clock::UnixTime,
    identity::{IdentityError, Lifetime, LoginOptions},
};

/// The default maximum number of sessions of a user: more than a user needs, and too few to fill a store.
const SESSIONS: (usize, Excess) = (100, Excess::EvictOldest);

/// What happens at a log-in of a user with the maximum number of sessions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Excess {
    /// The oldest session ends
    EvictOldest,
    /// The log-in fails with 401
    Refuse,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct SessionLimits {
    pub(super) idle: Duration,
    pub(super) absolute: Duration,
    pub(super) anonymous: Duration,
    pub(super) write_back: Duration,
    pub(super) data: usize,
    /// `None` without a setting: the default needs an index, which not every store has
    pub(super) sessions: Option<(usize, Excess)>,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            idle: Duration::from_mins(30),
            absolute: Duration::from_hours(12),
            anonymous: Duration::from_hours(1),
            write_back: Duration::from_mins(1),
            data: 65_536,
            sessions: None,
        }
    }
}

impl SessionLimits {
    /// Returns the identity record of a user's new session.
    pub(super) fn core(
        &self,
        identity: &Identity,
        options: &LoginOptions,
        label: Option<&str>,
        earlier: Option<&SessionIdentityRecord>,
        now: UnixTime,
    ) -> Result<SessionIdentityRecord, IdentityError> {
        let mut idle = match options.lifetime() {
            Lifetime::For(lifetime) => lifetime,
            _ => self.idle,
        };
        let mut until_browser_closes = options.lifetime() == Lifetime::BrowserSession;
        let absolute = self.absolute.min(MAX_AGE);
        if idle < Duration::from_secs(1) || absolute < Duration::from_secs(1) {
            return Err(IdentityError::misconfigured("a session must live for a second or longer"));
        }
        let created = options.authenticated_at().map_or(now, |time| time.min(now));
        let mut expires = created.plus(absolute);
        // A replacement of a session must not outlive it.
        if let Some(earlier) = earlier.filter(|_| options.authenticated_at().is_some()) {
            expires = expires.min(earlier.expires());
            (idle, until_browser_closes) = (earlier.idle(), earlier.until_browser_closes);
        }
        if let Some(ends) = options.login_ends() {
            expires = expires.min(ends);
        }
        if expires <= now {
            return Err(IdentityError::refuse("the log-in that this would continue is over"));
        }
        let mut core =
            SessionIdentityRecord::new(Some(identity), created, expires, idle).with_actor(options.actor());
        core.until_browser_closes = until_browser_closes;
        core.authentication = options.authentication().clone();
        core.login = options.login_id().cloned();
        core.tokens = options.tokens().to_vec();
        options.public_data().clone_into(&mut core.public_data);
        core.label = label.map(|label| label.chars().filter(|c| !c.is_control()).take(200).collect());
        Ok(core)
    }

    /// Returns the identity record of an anonymous session.
    pub(super) fn anonymous_core(&self, now: UnixTime) -> Result<SessionIdentityRecord, IdentityError> {
        let expires = now.plus(self.anonymous.min(MAX_AGE));
        if self.idle < Duration::from_secs(1) || expires <= now {
            return Err(IdentityError::misconfigured("a session must live for a second or longer"));
        }
        Ok(SessionIdentityRecord::new(None, now, expires, self.idle))
    }

    pub(super) fn is_due(&self, live: &LoadedSession, now: UnixTime) -> bool {
        now.since(live.values.seen) >= self.write_back.min(live.core.idle().mul_f32(0.5))
    }

    /// Enforces the maximum number of sessions after a log-in; those in `replaced` are about to end. During
    /// impersonation, sessions count for the impersonator and end none of the user's own.
    pub(super) async fn enforce(
        &self,
        backend: &StoreWithTimeout,
        new: &SessionHandle,
        replaced: &[SessionHandle],
        now: UnixTime,
    ) -> Result<(), IdentityError> {
        let (Some(user), false) = (&new.user, backend.index.is_none() && self.sessions.is_none()) else {
            return Ok(());
        };
        if let Some(login) = &new.login {
            // Ending the log-in may have missed this session, and has dropped its entry.
            listed(backend, login, new).await?;
        }
        let mut others = listed(backend, user, new).await?;
        let mut name = user;
        let (mut allowed, mut excess) = self.sessions.unwrap_or(SESSIONS);
        if let Some(acting) = &new.acting {
            others = listed(backend, acting, new).await?;
            (name, allowed, excess) = (acting, allowed.max(1), Excess::EvictOldest);
        }
        others.retain(|entry| *entry.id() != new.ids.public);
        let (expired, mut others): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|entry| entry.expires() <= now);
        backend.end_entries(name, &expired, now).await?;
        others.retain(|entry| !replaced.iter().any(|held| held.ids.public == *entry.id()));
        let allowed_others = allowed.saturating_sub(1);
        if allowed > 0 && others.len() <= allowed_others {
            return Ok(());
        }
        let (mut live, mut dead) = (Vec::new(), Vec::new());
        for entry in others {
            let is_live = match entry.ids() {
                Some(ids) => backend.open(&ids, now).await?.is_some(),
                None => false,
            };
            // Count sessions that are being created, so that two concurrent log-ins do not both pass.
            if is_live || entry.created() >= now { live.push(entry) } else { dead.push(entry) }
        }
        backend.end_entries(name, &dead, now).await?;
        if allowed > 0 && live.len() <= allowed_others {
            return Ok(());
        }
        if allowed == 0 || excess == Excess::Refuse {
            return Err(IdentityError::refuse("the user has as many sessions as they may"));
        }
        live.sort_by(|one, other| (one.created(), one.id()).cmp(&(other.created(), other.id())));
        live.truncate(live.len().saturating_sub(allowed_others));
        backend.end_entries(name, &live, now).await.map(|_| ())
    }
}

/// Returns the sessions in the index of a user. Ending all of them may miss a session that is being created,
/// and drops its entry.
async fn listed(
    backend: &StoreWithTimeout,
    name: &str,
    new: &SessionHandle,
) -> Result<Vec<SessionEntry>, IdentityError> {
    let entries = backend.call(backend.index()?.list(name)).await?;
    if entries.iter().any(|entry| *entry.id() == new.ids.public) {
        return Ok(entries);
    }
    Err(IdentityError::conflict("the user's sessions were ended during the log-in"))
}
