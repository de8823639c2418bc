//! Stores refresh tokens in Redis: [`RedisRefreshStore`].

use std::{fmt, time::Duration};

use async_trait::async_trait;
use fred::{
    clients::Client,
    interfaces::{HashesInterface as _, KeysInterface as _, LuaInterface as _, SetsInterface as _},
};

use super::{FamilyId, RefreshFamily, RefreshStore, TokenHash, family_record};
use auth_identity::{BoxError, clock::UnixTime};

/// The timeout of a command.
const DEADLINE: Duration = Duration::from_secs(2);
/// How much longer an entry is kept than needed: the clocks of the server and the application may differ, and
/// only the application's counts.
const SLACK: Duration = Duration::from_hours(1);

/// `KEYS`: the family. `ARGV`: its newest token, the rest of the record, seconds to keep it.
const INSERT: &str = r"
redis.call('HSET', KEYS[1], 'current', ARGV[1], 'family', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
";
/// `KEYS`: the family. `ARGV`: its newest token, the next one, the rest of the record, seconds to keep it.
const REPLACE: &str = r"
if redis.call('HGET', KEYS[1], 'current') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'current', ARGV[2], 'family', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
";
/// `KEYS`: the subject's families. `ARGV`: the family, seconds to keep it.
const INDEX: &str = r"
redis.call('SADD', KEYS[1], ARGV[1])
if redis.call('TTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return 1
";

/// Stores refresh token families on a Redis server, for any number of instances.
///
/// Each command has a timeout of 2 seconds. The server drops expired families and must not drop others: do
/// not set an eviction policy that does. If the server loses its data, the users are logged out.
///
/// # Example
///
/// ```no_run
/// use auth_runtime::{BoxError, jwt::{RedisRefreshStore, RefreshTokens}, redis_config};
/// use fred::prelude::*;
///
/// # async fn example() -> Result<(), BoxError> {
/// let client = Client::new(redis_config("redis://127.0.0.1:6379")?, None, None, None);
/// client.init().await?;
/// let refresh = RefreshTokens::new(RedisRefreshStore::new(client));
/// # let _ = refresh;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// Parse the address with `redis_config`: without its TLS features, `fred` connects to
/// a `rediss://` address in clear text (downgrade).
#[derive(Clone)]
pub struct RedisRefreshStore {
    client: Client,
    prefix: String,
}

impl RedisRefreshStore {
    /// Creates a store with a connected client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, prefix: "auth:refresh".to_owned() }
    }

    /// Sets the prefix of all keys. The default is `auth:refresh`.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    fn family_key(&self, id: &str) -> String {
        format!("{}:family:{id}", self.prefix)
    }

    fn subject_key(&self, subject: &str) -> String {
        format!("{}:subject:{subject}", self.prefix)
    }
}

/// Applies the timeout to a command.
async fn within<T>(command: impl Future<Output = Result<T, fred::error::Error>>) -> Result<T, BoxError> {
    Ok(tokio::time::timeout(DEADLINE, command).await??)
}

/// Returns how long the server keeps a record that is not needed from `until` on; `changed` is the present.
fn seconds(changed: UnixTime, until: UnixTime) -> i64 {
    i64::try_from(until.since(changed).saturating_add(SLACK).as_secs()).unwrap_or(i64::MAX)
}

fn family_seconds(family: &RefreshFamily) -> i64 {
    seconds(family.rotated, family.idle_until.min(family.expires))
}

#[async_trait]
impl RefreshStore for RedisRefreshStore {
    async fn insert(&self, id: FamilyId, family: RefreshFamily) -> Result<(), BoxError> {
        let id = family_record::hex(id.as_bytes());
        let kept = family_seconds(&family).to_string();
        let values = vec![family_record::hex(family.current.as_bytes()), family_record::write(&family), kept];
        within(self.client.eval::<(), _, _, _>(INSERT, vec![self.family_key(&id)], values)).await?;
        // Last: if the subject's families are dropped meanwhile, this one is in its list.
        let kept = seconds(family.rotated, family.expires).to_string();
        let subject = self.subject_key(family.grant.subject());
        within(self.client.eval::<(), _, _, _>(INDEX, vec![subject], vec![id, kept])).await
    }

    async fn load(&self, id: &FamilyId) -> Result<Option<RefreshFamily>, BoxError> {
        let key = self.family_key(&family_record::hex(id.as_bytes()));
        let text: Option<String> = within(self.client.hget(key, "family")).await?;
        text.map(|text| family_record::read(&text)).transpose()
    }

    async fn replace(
        &self,
        id: &FamilyId,
        current: &TokenHash,
        next: RefreshFamily,
    ) -> Result<bool, BoxError> {
        let key = self.family_key(&family_record::hex(id.as_bytes()));
        let kept = family_seconds(&next).to_string();
        let (before, after) =
            (family_record::hex(current.as_bytes()), family_record::hex(next.current.as_bytes()));
        let arguments = vec![before, after, family_record::write(&next), kept];
        let replaced: i64 = within(self.client.eval(REPLACE, vec![key], arguments)).await?;
        Ok(replaced == 1)
    }

    async fn remove(&self, id: &FamilyId) -> Result<(), BoxError> {
        within(self.client.del::<(), _>(self.family_key(&family_record::hex(id.as_bytes())))).await
    }

    async fn remove_subject(&self, subject: &str) -> Result<(), BoxError> {
        let key = self.subject_key(subject);
        let ids: Vec<String> = within(self.client.smembers(&key)).await?;
        for id in ids {
            within(self.client.del::<(), _>(self.family_key(&id))).await?;
            // One by one: a family that is added meanwhile stays in the list.
            within(self.client.srem::<(), _, _>(&key, id)).await?;
        }
        Ok(())
    }
}

impl fmt::Debug for RedisRefreshStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisRefreshStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
