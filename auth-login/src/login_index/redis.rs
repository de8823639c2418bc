//! Indexes log-ins in Redis: [`RedisLoginIndex`].

mod records;

use std::{fmt, sync::Arc, time::Duration};

use auth_runtime::{
    BoxError, KeyRing, async_trait,
    clock::{Clock, SystemClock, UnixTime},
    identity::CredentialId,
};
use fred::{
    clients::Client,
    interfaces::{KeysInterface as _, SortedSetsInterface as _},
    types::{Expiration, SetOptions, sorted_sets::Ordering},
};

use records::{Written, call, score};

use super::{CAPACITY, LoggedOut, LoginIndex, LoginRecord, TooManyLogins, id_token_cipher::IdTokenCipher};

/// Keeps log-ins on a Redis server of version 7 or later.
///
/// A log-in is a key that expires with it. Sorted sets, whose names are hashes, list the log-ins of a user,
/// of an account and of a session at the provider. Log-ins of one user at the same moment may exceed the
/// capacity by as many as there are.
///
/// ```no_run
/// use auth_login::RedisLoginIndex;
/// use auth_runtime::{BoxError, KeyRing, redis_config};
/// use fred::prelude::*;
///
/// # async fn example(keys: KeyRing) -> Result<(), BoxError> {
/// let client = Builder::from_config(redis_config("redis://127.0.0.1:6379")?)
///     .set_policy(ReconnectPolicy::new_exponential(0, 50, 1_000, 2))
///     .build()?;
/// client.init().await?;
/// let index = RedisLoginIndex::new(client, keys);
/// # let _ = index;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// Parse the address with `redis_config`: without its TLS features, `fred` connects to a `rediss://` address
/// in clear text (downgrade). A log-in that the server drops cannot be ended by the provider: use the
/// eviction policy `noeviction`, with which a full server rejects writes, and persistence.
#[derive(Clone)]
pub struct RedisLoginIndex {
    client: Client,
    prefix: String,
    cipher: IdTokenCipher,
    capacity: u32,
    clock: Arc<dyn Clock>,
}

impl RedisLoginIndex {
    /// Returns the index on a server, with a connected client. The keys encrypt the `id_token`s; all
    /// instances share them.
    #[must_use]
    pub fn new(client: Client, keys: KeyRing) -> Self {
        Self {
            client,
            prefix: "auth:login".to_owned(),
            cipher: IdTokenCipher::new(keys),
            capacity: CAPACITY,
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets the prefix of all keys, so that several applications can share a server. The default is
    /// `auth:login`.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how many log-ins one user of a provider may have at a time. The default is 1,000. A log-in beyond
    /// that fails.
    #[must_use]
    pub const fn with_capacity(mut self, logins: u32) -> Self {
        self.capacity = logins;
        self
    }

    /// Tells the time by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

#[async_trait]
impl LoginIndex for RedisLoginIndex {
    async fn record(
        &self,
        login: &LoginRecord,
        replaced: Option<&CredentialId>,
        until: UnixTime,
    ) -> Result<(), BoxError> {
        let now = self.clock.now();
        for set in self.sets(login) {
            let past = score(now.as_secs());
            let _: i64 = call(self.client.zremrangebyscore(&set, f64::NEG_INFINITY, past)).await?;
        }
        let own = self.subject_set(login);
        let mut others: u32 = call(self.client.zcard(&own)).await?;
        if let Some(replaced) = replaced {
            let listed: Option<f64> = call(self.client.zscore(&own, replaced.as_str())).await?;
            others = others.saturating_sub(listed.is_some().into());
        }
        if others >= self.capacity {
            return Err(TooManyLogins.into());
        }
        // First the sets: a log-in that has a key is found.
        for set in self.sets(login) {
            self.list(&set, &login.login, until).await?;
        }
        let written = serde_json::to_string(&Written::new(login, self.cipher.seal(now, login)?))?;
        let (key, kept) = (self.login_key(&login.login), Expiration::EX(self.left(until)));
        let set =
            self.client.set::<Option<String>, _, _>(key, written, Some(kept), Some(SetOptions::NX), false);
        call(set).await?.map(drop).ok_or_else(|| "the log-in is recorded already".into())
    }

    async fn keep(&self, login: &CredentialId, until: UnixTime) -> Result<bool, BoxError> {
        let Some(written) = self.read(login).await? else { return Ok(false) };
        let record = written.login(login);
        let ends: Option<f64> = call(self.client.zscore(self.subject_set(&record), login.as_str())).await?;
        if ends.is_none_or(|ends| ends <= score(self.clock.now().as_secs())) {
            return Ok(false);
        }
        for set in self.sets(&record) {
            self.list(&set, login, until).await?;
        }
        // Last, and at once: a log-out may have removed the key meanwhile.
        Ok(call(self.client.expire::<i64, _>(self.login_key(login), self.left(until), None)).await? > 0)
    }

    async fn find(&self, what: &LoggedOut) -> Result<Vec<LoginRecord>, BoxError> {
        if let LoggedOut::Login(id) = what {
            let found = self.read(id).await?;
            return Ok(found.map(|written| self.record_of(id, &written)).into_iter().collect());
        }
        let next = self.clock.now().plus(Duration::from_secs(1));
        let listed =
            self.client.zrangebyscore(self.key(what), score(next.as_secs()), f64::INFINITY, false, None);
        let listed: Vec<String> = call(listed).await?;
        let mut found = Vec::new();
        for id in listed {
            let id = CredentialId::new(id)?;
            // A log-in that was removed, or is being recorded, is listed without a key.
            found.extend(self.read(&id).await?.map(|written| self.record_of(&id, &written)));
        }
        Ok(found)
    }

    async fn remove(&self, login: &CredentialId) -> Result<(), BoxError> {
        let Some(written) = self.read(login).await? else { return Ok(()) };
        let _: i64 = call(self.client.del(self.login_key(login))).await?;
        for set in self.sets(&written.login(login)) {
            let _: i64 = call(self.client.zrem(set, login.as_str())).await?;
        }
        Ok(())
    }

    async fn last_logout(&self) -> Result<u64, BoxError> {
        Ok(call(self.client.get::<Option<u64>, _>(self.logouts())).await?.unwrap_or_default())
    }

    async fn note_logout(&self, what: &LoggedOut, until: UnixTime) -> Result<(), BoxError> {
        let number: u64 = call(self.client.incr(self.logouts())).await?;
        // The highest stays, if two of one name arrive in another order.
        let (key, entry) = (self.noted(what), (score(number), "last"));
        let _: i64 =
            call(self.client.zadd(&key, None, Some(Ordering::GreaterThan), false, false, entry)).await?;
        self.extend(&key, until).await
    }

    async fn has_logged_out(&self, login: &LoginRecord, since: u64) -> Result<bool, BoxError> {
        // The server has lost numbers, and what was noted under them.
        if since > self.last_logout().await? {
            return Ok(true);
        }
        for what in login.ended_by() {
            let number: Option<f64> = call(self.client.zscore(self.noted(&what), "last")).await?;
            if number.is_some_and(|number| number > score(since)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl fmt::Debug for RedisLoginIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLoginIndex")
            .field("prefix", &self.prefix)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
