//! [`MemoryLoginIndex`]: log-ins in the memory of one process.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use auth_runtime::{
    BoxError, async_trait,
    clock::{Clock, SystemClock, UnixTime},
    identity::CredentialId,
};

use super::{LoggedOut, LoginIndex, LoginRecord};

/// How many log-ins are kept by default.
const CAPACITY: usize = 100_000;
/// How long a log-in is kept by default.
const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// Keeps log-ins in memory: for one process, and until it ends. Clones share what they keep.
#[derive(Clone)]
pub struct MemoryLoginIndex {
    /// The oldest first
    logins: Arc<Mutex<VecDeque<(UnixTime, LoginRecord)>>>,
    capacity: usize,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
}

impl MemoryLoginIndex {
    /// Returns an index for at most 100,000 log-ins, each kept for 7 days.
    #[must_use]
    pub fn new() -> Self {
        Self { logins: Arc::default(), capacity: CAPACITY, lifetime: LIFETIME, clock: Arc::new(SystemClock) }
    }

    /// Sets how many log-ins may be kept at a time. The default is 100,000. A log-in that there is no room
    /// for fails.
    #[must_use]
    pub const fn with_capacity(mut self, logins: usize) -> Self {
        self.capacity = logins;
        self
    }

    /// Sets how long a log-in is kept, in whole seconds: as long as a session can last. The default is 7
    /// days.
    #[must_use]
    pub const fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Tells the time by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    fn logins(&self) -> MutexGuard<'_, VecDeque<(UnixTime, LoginRecord)>> {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl LoginIndex for MemoryLoginIndex {
    async fn record(&self, login: LoginRecord) -> Result<(), BoxError> {
        let now = self.clock.now();
        let mut logins = self.logins();
        while logins.front().is_some_and(|(end, _)| *end <= now) {
            logins.pop_front();
        }
        if logins.len() >= self.capacity {
            return Err("the index of log-ins is full; see `with_capacity`".into());
        }
        logins.push_back((now.plus(self.lifetime), login));
        Ok(())
    }

    async fn find(&self, what: &LoggedOut) -> Result<Vec<LoginRecord>, BoxError> {
        let logins = self.logins();
        Ok(logins.iter().map(|(_, login)| login).filter(|login| what.matches(login)).cloned().collect())
    }

    async fn remove(&self, credential: &CredentialId) -> Result<(), BoxError> {
        self.logins().retain(|(_, login)| login.credential != *credential);
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
        f.debug_struct("MemoryLoginIndex")
            .field("capacity", &self.capacity)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use auth_runtime::testing::FrozenClock;

    use super::*;

    fn login(credential: &str, subject: &str, session: &str) -> LoginRecord {
        let credential = CredentialId::new(credential).unwrap();
        LoginRecord::new(credential, "fake", "https://op.example", subject).with_session(session)
    }

    async fn found(index: &MemoryLoginIndex, what: LoggedOut) -> Vec<String> {
        let found = index.find(&what).await.unwrap();
        found.iter().map(|login| login.credential.as_str().to_owned()).collect()
    }

    #[tokio::test]
    async fn log_ins_are_found_by_session_and_by_subject_of_one_issuer() {
        let index = MemoryLoginIndex::new();
        for login in [login("a", "alice", "1"), login("b", "alice", "2"), login("c", "bob", "1")] {
            index.record(login).await.unwrap();
        }
        let issuer = || "https://op.example".to_owned();
        let session = |session: &str| LoggedOut::Session { issuer: issuer(), session: session.to_owned() };
        let subject = |subject: &str| LoggedOut::Subject { issuer: issuer(), subject: subject.to_owned() };
        assert_eq!(found(&index, session("1")).await, ["a", "c"]);
        assert_eq!(found(&index, subject("alice")).await, ["a", "b"]);
        let other =
            LoggedOut::Subject { issuer: "https://evil.example".to_owned(), subject: "alice".to_owned() };
        assert_eq!(found(&index, other).await, [""; 0]);
        index.remove(&CredentialId::new("a").unwrap()).await.unwrap();
        assert_eq!(found(&index, subject("alice")).await, ["b"]);
        assert_eq!(found(&index, LoggedOut::Credential(CredentialId::new("c").unwrap())).await, ["c"]);
    }

    #[tokio::test]
    async fn log_ins_are_kept_for_their_time_and_do_not_displace_each_other() {
        let clock = FrozenClock::at(1_700_000_000);
        let index = MemoryLoginIndex::new()
            .with_capacity(1)
            .with_lifetime(Duration::from_mins(1))
            .with_clock(clock.clone());
        index.record(login("a", "alice", "1")).await.unwrap();
        index.record(login("b", "alice", "1")).await.unwrap_err();
        clock.advance(Duration::from_mins(1));
        index.record(login("b", "alice", "1")).await.unwrap();
    }
}
