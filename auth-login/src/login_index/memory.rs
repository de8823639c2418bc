//! [`MemoryLoginIndex`]: log-ins in the memory of one process.

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

use super::{LoggedOut, LoginIndex, LoginRecord};

/// How many log-ins are kept by default.
const CAPACITY: usize = 100_000;

/// Keeps log-ins in memory: for one process, and until it ends. Clones share what they keep.
#[derive(Clone)]
pub struct MemoryLoginIndex {
    kept: Arc<Mutex<Kept>>,
    capacity: usize,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Kept {
    logins: HashMap<CredentialId, (UnixTime, LoginRecord)>,
    /// The first to end first
    ends: BTreeSet<(UnixTime, CredentialId)>,
}

impl Kept {
    fn forget_what_has_ended(&mut self, now: UnixTime) {
        while let Some((end, id)) = self.ends.first()
            && *end <= now
        {
            self.logins.remove(id);
            self.ends.pop_first();
        }
    }

    fn take(&mut self, login: &CredentialId) -> Option<LoginRecord> {
        let (end, record) = self.logins.remove(login)?;
        self.ends.remove(&(end, login.clone()));
        Some(record)
    }

    fn put(&mut self, login: LoginRecord, until: UnixTime) {
        self.ends.insert((until, login.login.clone()));
        self.logins.insert(login.login.clone(), (until, login));
    }
}

impl MemoryLoginIndex {
    /// Returns an index for at most 100,000 log-ins.
    #[must_use]
    pub fn new() -> Self {
        Self { kept: Arc::default(), capacity: CAPACITY, clock: Arc::new(SystemClock) }
    }

    /// Sets how many log-ins may be kept at a time. The default is 100,000. A log-in that there is no room
    /// for fails.
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
    async fn record(&self, login: &LoginRecord, until: UnixTime) -> Result<(), BoxError> {
        let mut kept = self.kept();
        if kept.logins.len() >= self.capacity {
            return Err("the index of log-ins is full; see `with_capacity`".into());
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
}

impl Default for MemoryLoginIndex {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryLoginIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLoginIndex").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
