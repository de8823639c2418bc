//! Indexes log-ins in the memory of one process: [`MemoryLoginIndex`].

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use auth_runtime::{
    BoxError, async_trait,
    clock::{Clock, SystemClock, UnixTime},
    identity::CredentialId,
};

use super::{CAPACITY, LoggedOut, LoginIndex, LoginRecord, TooManyLogins, noted_logouts::NotedLogouts};

/// How many log-ins of all users are kept by default, and how many log-outs are noted at a time.
const CAPACITY_OF_ALL: usize = 100_000;

/// Keeps log-ins in memory: for one process, and until it ends. Clones share what they keep.
#[derive(Clone)]
pub struct MemoryLoginIndex {
    kept: Arc<Mutex<Kept>>,
    capacity: usize,
    capacity_per_user: u32,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Kept {
    logins: HashMap<CredentialId, (UnixTime, LoginRecord)>,
    /// How many there are of each issuer and subject that has any
    users: HashMap<(String, String), u32>,
    /// The first to end first
    ends: BTreeSet<(UnixTime, CredentialId)>,
    logouts: NotedLogouts,
}

impl Kept {
    fn forget_what_has_ended(&mut self, now: UnixTime) {
        while let Some((_, id)) = self.ends.first().filter(|(end, _)| *end <= now).cloned() {
            self.take(&id);
        }
        self.logouts.forget_what_has_ended(now);
    }

    fn count_of_user(&self, login: &LoginRecord) -> u32 {
        self.users.get(&user_of(login)).copied().unwrap_or_default()
    }

    /// Counts the log-ins of the same user, but not the one that is replaced.
    fn count_others(&self, login: &LoginRecord, replaced: Option<&CredentialId>) -> u32 {
        let replaced = replaced.and_then(|id| self.logins.get(id));
        let counts = replaced.is_some_and(|(_, replaced)| user_of(replaced) == user_of(login));
        self.count_of_user(login).saturating_sub(counts.into())
    }

    fn take(&mut self, login: &CredentialId) -> Option<LoginRecord> {
        let (end, record) = self.logins.remove(login)?;
        self.ends.remove(&(end, login.clone()));
        match self.count_of_user(&record) {
            0 | 1 => drop(self.users.remove(&user_of(&record))),
            count => drop(self.users.insert(user_of(&record), count.saturating_sub(1))),
        }
        Some(record)
    }

    fn put(&mut self, login: LoginRecord, until: UnixTime) {
        self.take(&login.login);
        self.users.insert(user_of(&login), self.count_of_user(&login).saturating_add(1));
        self.ends.insert((until, login.login.clone()));
        self.logins.insert(login.login.clone(), (until, login));
    }
}

fn user_of(login: &LoginRecord) -> (String, String) {
    (login.issuer.clone(), login.subject.clone())
}

impl MemoryLoginIndex {
    /// Returns an index for at most 100,000 log-ins, and 1,000 of one user.
    #[must_use]
    pub fn new() -> Self {
        let clock = Arc::new(SystemClock);
        Self { kept: Arc::default(), capacity: CAPACITY_OF_ALL, capacity_per_user: CAPACITY, clock }
    }

    /// Sets how many log-ins one user of a provider may have at a time. The default is 1,000. A log-in beyond
    /// that fails.
    #[must_use]
    pub const fn with_capacity_per_user(mut self, logins: u32) -> Self {
        self.capacity_per_user = logins;
        self
    }

    /// Sets how many log-ins of all users may be kept at a time. The default is 100,000. A log-in that there is
    /// no room for fails.
    #[must_use]
    pub const fn with_capacity(mut self, logins: usize) -> Self {
        self.capacity = logins;
        self
    }

    /// Tells the time by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Returns the log-ins that have not ended. A poisoned lock is usable: no code that panics runs while it
    /// is held.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.forget_what_has_ended(self.clock.now());
        kept
    }
}

#[async_trait]
impl LoginIndex for MemoryLoginIndex {
    async fn record(
        &self,
        login: &LoginRecord,
        replaced: Option<&CredentialId>,
        until: UnixTime,
    ) -> Result<(), BoxError> {
        let mut kept = self.kept();
        if kept.logins.len() >= self.capacity {
            return Err("the index of log-ins is full; see `with_capacity`".into());
        }
        if kept.count_others(login, replaced) >= self.capacity_per_user {
            return Err(TooManyLogins.into());
        }
        kept.put(login.clone(), until);
        Ok(())
    }

    async fn keep(&self, login: &CredentialId, until: UnixTime) -> Result<bool, BoxError> {
        let mut kept = self.kept();
        let Some(record) = kept.take(login) else { return Ok(false) };
        kept.put(record, until);
        Ok(true)
    }

    async fn find(&self, what: &LoggedOut) -> Result<Vec<LoginRecord>, BoxError> {
        let kept = self.kept();
        let logins = kept.logins.values().map(|(_, login)| login);
        Ok(logins.filter(|login| what.matches(login)).cloned().collect())
    }

    async fn remove(&self, login: &CredentialId) -> Result<(), BoxError> {
        self.kept().take(login);
        Ok(())
    }

    async fn last_logout(&self) -> Result<u64, BoxError> {
        Ok(self.kept().logouts.last())
    }

    async fn note_logout(&self, what: &LoggedOut, until: UnixTime) -> Result<(), BoxError> {
        let mut kept = self.kept();
        if kept.logouts.len() >= CAPACITY_OF_ALL {
            return Err("there is no room to note another log-out".into());
        }
        kept.logouts.note(what, until);
        Ok(())
    }

    async fn has_logged_out(&self, login: &LoginRecord, since: u64) -> Result<bool, BoxError> {
        Ok(self.kept().logouts.has_logged_out(login, since))
    }
}

impl Default for MemoryLoginIndex {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryLoginIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLoginIndex")
            .field("capacity", &self.capacity)
            .field("capacity_per_user", &self.capacity_per_user)
            .finish_non_exhaustive()
    }
}
