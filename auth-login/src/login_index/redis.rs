//! The index of log-ins in Redis: [`RedisLoginIndex`].

use std::{fmt, sync::Arc, time::Duration};

use auth_runtime::{
    BoxError, KeyRing, async_trait,
    clock::{Clock, SystemClock, UnixTime},
    identity::CredentialId,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use fred::{
    clients::Client,
    interfaces::{FredResult, KeysInterface as _, SortedSetsInterface as _},
    types::{Expiration, ExpireOptions, SetOptions},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{CAPACITY, LoggedOut, LoginIndex, LoginRecord, TooManyLogins, hint::HintCipher};

/// The timeout of a command.
const DEADLINE: Duration = Duration::from_secs(2);

/// Keeps log-ins on a Redis server of version 7 or later.
///
/// A log-in is a key that expires with it. Two sorted sets, whose names are hashes, list the log-ins of a user
/// and of a session at the provider. Log-ins of one user at the same moment may exceed the capacity by as
/// many as there are.
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
    cipher: HintCipher,
    capacity: u32,
    clock: Arc<dyn Clock>,
}

/// A log-in as it is written.
#[derive(Deserialize, Serialize)]
struct Written {
    provider: String,
    issuer: String,
    subject: String,
    session: Option<String>,
    hint: Option<String>,
}

impl RedisLoginIndex {
    /// Returns the index on a server, with a connected client. The keys encrypt the `id_token`s; all
    /// instances share them.
    #[must_use]
    pub fn new(client: Client, keys: KeyRing) -> Self {
        Self {
            client,
            prefix: "auth:login".to_owned(),
            cipher: HintCipher::new(keys),
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

    fn key(&self, login: &CredentialId) -> String {
        format!("{}:id:{login}", self.prefix)
    }

    /// The name of a set. The hash has a fixed length, and does not show who the user is.
    fn set(&self, kind: &str, issuer: &str, name: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(u64::try_from(issuer.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(issuer);
        hash.update(name);
        format!("{}:{kind}:{}", self.prefix, BASE64_URL_SAFE_NO_PAD.encode(hash.finalize()))
    }

    fn subject_set(&self, issuer: &str, subject: &str) -> String {
        self.set("subject", issuer, subject)
    }

    fn session_set(&self, issuer: &str, session: &str) -> String {
        self.set("session", issuer, session)
    }

    /// The sets that list a log-in, that of its user first.
    fn sets(&self, login: &Written) -> impl Iterator<Item = String> {
        let session = login.session.as_ref().map(|session| self.session_set(&login.issuer, session));
        [self.subject_set(&login.issuer, &login.subject)].into_iter().chain(session)
    }

    async fn read(&self, login: &CredentialId) -> Result<Option<Written>, BoxError> {
        let text: Option<String> = call(self.client.get(self.key(login))).await?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    async fn list(&self, set: &str, login: &CredentialId, until: UnixTime) -> Result<(), BoxError> {
        let entry = (score(until), login.as_str().to_owned());
        let _: i64 = call(self.client.zadd(set, None, None, false, false, entry)).await?;
        // The first sets a time if there is none; the second only extends it.
        for option in [ExpireOptions::NX, ExpireOptions::GT] {
            let _: i64 = call(self.client.expire(set, self.left(until), Some(option))).await?;
        }
        Ok(())
    }

    /// A duration, not a time: the server's clock may differ.
    fn left(&self, until: UnixTime) -> i64 {
        i64::try_from(until.since(self.clock.now()).as_secs().max(1)).unwrap_or(i64::MAX)
    }

    fn record_of(&self, login: &CredentialId, written: Written) -> LoginRecord {
        let record = LoginRecord::new(login.clone(), &written.provider, &written.issuer, &written.subject);
        let record = LoginRecord { session: written.session, ..record };
        self.cipher.open(self.clock.now(), record, written.hint.as_deref())
    }
}

#[async_trait]
impl LoginIndex for RedisLoginIndex {
    async fn record(&self, login: &LoginRecord, until: UnixTime) -> Result<(), BoxError> {
        let now = self.clock.now();
        let written = Written {
            provider: login.provider.clone(),
            issuer: login.issuer.clone(),
            subject: login.subject.clone(),
            session: login.session.clone(),
            hint: self.cipher.seal(now, login)?,
        };
        let own = self.subject_set(&login.issuer, &login.subject);
        for set in self.sets(&written) {
            let _: i64 = call(self.client.zremrangebyscore(&set, f64::NEG_INFINITY, score(now))).await?;
        }
        if call(self.client.zcard::<u32, _>(&own)).await? >= self.capacity {
            return Err(TooManyLogins.into());
        }
        // First the sets: a log-in that has a key is found.
        for set in self.sets(&written) {
            self.list(&set, &login.login, until).await?;
        }
        let (text, kept) = (serde_json::to_string(&written)?, Expiration::EX(self.left(until)));
        let key = self.key(&login.login);
        let set = self.client.set::<Option<String>, _, _>(key, text, Some(kept), Some(SetOptions::NX), false);
        call(set).await?.map(drop).ok_or_else(|| "the log-in is recorded already".into())
    }

    async fn keep(&self, login: &CredentialId, until: UnixTime) -> Result<bool, BoxError> {
        let Some(written) = self.read(login).await? else { return Ok(false) };
        let own = self.subject_set(&written.issuer, &written.subject);
        let ends: Option<f64> = call(self.client.zscore(own, login.as_str())).await?;
        if ends.is_none_or(|ends| ends <= score(self.clock.now())) {
            return Ok(false);
        }
        for set in self.sets(&written) {
            self.list(&set, login, until).await?;
        }
        // Last, and at once: a log-out may have removed the key meanwhile.
        Ok(call(self.client.expire::<i64, _>(self.key(login), self.left(until), None)).await? > 0)
    }

    async fn find(&self, what: &LoggedOut) -> Result<Vec<LoginRecord>, BoxError> {
        let set = match what {
            LoggedOut::Login(id) => {
                let found = self.read(id).await?;
                return Ok(found.map(|written| self.record_of(id, written)).into_iter().collect());
            }
            LoggedOut::Session { issuer, session } => self.session_set(issuer, session),
            LoggedOut::Subject { issuer, subject } => self.subject_set(issuer, subject),
        };
        let next = self.clock.now().plus(Duration::from_secs(1));
        let listed = self.client.zrangebyscore(set, score(next), f64::INFINITY, false, None);
        let listed: Vec<String> = call(listed).await?;
        let mut found = Vec::new();
        for id in listed {
            let id = CredentialId::new(id)?;
            // A log-in that was removed, or is being recorded, is listed without a key.
            found.extend(self.read(&id).await?.map(|written| self.record_of(&id, written)));
        }
        Ok(found)
    }

    async fn remove(&self, login: &CredentialId) -> Result<(), BoxError> {
        let Some(written) = self.read(login).await? else { return Ok(()) };
        let _: i64 = call(self.client.del(self.key(login))).await?;
        for set in self.sets(&written) {
            let _: i64 = call(self.client.zrem(set, login.as_str())).await?;
        }
        Ok(())
    }
}

/// Times are whole seconds, which a float holds exactly.
#[expect(clippy::cast_precision_loss, reason = "times of this era are exact")]
fn score(time: UnixTime) -> f64 {
    time.as_secs() as f64
}

async fn call<T>(command: impl Future<Output = FredResult<T>>) -> Result<T, BoxError> {
    Ok(tokio::time::timeout(DEADLINE, command).await??)
}

impl fmt::Debug for RedisLoginIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLoginIndex")
            .field("prefix", &self.prefix)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
