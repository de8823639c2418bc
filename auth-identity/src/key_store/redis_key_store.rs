//! Stores keys on a Redis server: [`RedisKeyStore`].

use std::{fmt, time::Duration};

use async_trait::async_trait;
use fred::{
    clients::Client,
    interfaces::{HashesInterface as _, LuaInterface as _},
};
use zeroize::Zeroizing;

use super::{KeyStore, StoredKeys};
use crate::BoxError;

/// The timeout of a command.
const DEADLINE: Duration = Duration::from_secs(2);

/// Compare-and-swap. `KEYS`: the document. `ARGV`: the expected revision, or nothing; the new one; the text.
const REPLACE: &str = r"
local stored = redis.call('HGET', KEYS[1], 'revision') or ''
if stored ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'text', ARGV[3])
return 1
";

/// Stores shared keys on a Redis server, for any number of instances.
///
/// # Example
///
/// ```no_run
/// use auth_runtime::{BoxError, Key, redis_config};
/// use auth_runtime::clock::{Clock, SystemClock};
/// use auth_runtime::key_store::{RedisKeyStore, SharedKeyRing};
/// use auth_runtime::keys::Rotation;
/// use fred::prelude::*;
///
/// # async fn example(root: Key) -> Result<(), BoxError> {
/// let client = Client::new(redis_config("redis://127.0.0.1:6379")?, None, None, None);
/// client.init().await?;
/// let (store, now) = (RedisKeyStore::new(client), SystemClock.now());
/// let keys = SharedKeyRing::open_with_root_key(store, root, Rotation::every("30d")?, now).await?;
/// # let _ = keys;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// What is on the server are the keys themselves, unless a root key is needed as well, as above. Use one, unless only this
/// application can read the server. Parse the address with `redis_config`: without its TLS features, `fred` connects to a
/// `rediss://` address in clear text (downgrade).
///
/// Use the eviction policy `noeviction`, and persistence (`appendfsync always`). Running instances write keys that the
/// server has lost again; if all of them start after a loss, the keys are new, and all users are logged out.
#[derive(Clone)]
pub struct RedisKeyStore {
    client: Client,
    key: String,
}

impl RedisKeyStore {
    /// Creates a store with a connected client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, key: "auth:keys".to_owned() }
    }

    /// Sets the key of the document. The default is `auth:keys`; applications with the same one share their keys.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }
}

#[async_trait]
impl KeyStore for RedisKeyStore {
    async fn load(&self) -> Result<Option<StoredKeys>, BoxError> {
        let fields =
            self.client.hmget::<(Option<String>, Option<String>), _, _>(&self.key, vec!["revision", "text"]);
        let (revision, text) = tokio::time::timeout(DEADLINE, fields).await??;
        let text = text.map(Zeroizing::new);
        match (revision, text) {
            (None, None) => Ok(None),
            (Some(revision), Some(text)) => Ok(Some(StoredKeys::new(revision.parse()?, text.as_str()))),
            _ => Err("the document of shared keys is incomplete".into()),
        }
    }

    async fn replace(&self, expected: Option<u64>, keys: &StoredKeys) -> Result<bool, BoxError> {
        let expected = expected.map(|revision| revision.to_string()).unwrap_or_default();
        let arguments = vec![expected, keys.revision().to_string(), keys.text().to_owned()];
        let replaced = self.client.eval::<u32, _, _, _>(REPLACE, vec![self.key.as_str()], arguments);
        Ok(tokio::time::timeout(DEADLINE, replaced).await?? == 1)
    }
}

impl fmt::Debug for RedisKeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisKeyStore").field("key", &self.key).finish_non_exhaustive()
    }
}
