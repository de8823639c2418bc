//! What was used, on a Redis server.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use fred::{
    clients::Client,
    interfaces::KeysInterface as _,
    types::{Expiration, SetOptions},
};

use super::{ReplayCache, TokenUse};
use crate::{BoxError, jwt::base64url};

/// How long a command may take.
const DEADLINE: Duration = Duration::from_secs(2);

/// Remembers on a Redis server which tokens were used, for any number of machines.
///
/// A use is one command, with a deadline of 2 seconds. The server forgets a token five minutes after it has expired, by its
/// own clock's pace; only the machines' clocks say when that is.
///
/// # Example
///
/// ```no_run
/// use auth_runtime::{BoxError, jwt::{BearerJwt, RedisReplayCache, VerifyingKey}, redis_config};
/// use fred::prelude::*;
///
/// # async fn example(keys: VerifyingKey) -> Result<(), BoxError> {
/// let client = Client::new(redis_config("redis://127.0.0.1:6379")?, None, None, None);
/// client.init().await?;
/// let policy = BearerJwt::new(keys)
///     .with_audience("https://api.shop.example")
///     .with_single_use(RedisReplayCache::new(client));
/// # let _ = policy;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// Read the address with [`redis_config`](crate::redis_config): without its TLS features, `fred` connects to a `rediss://`
/// address in clear text.
///
/// What the server forgets is good once more: set no eviction policy but `noeviction`, under which a full server refuses,
/// and let it write to disk (`appendfsync always`), or wait for the longest life of a token before a server that has lost
/// its memory is asked again. A replica that takes over may lack the latest uses.
#[derive(Clone)]
pub struct RedisReplayCache {
    client: Client,
    prefix: String,
}

impl RedisReplayCache {
    /// Remembers with this client, which is connected already.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, prefix: "auth:used".to_owned() }
    }

    /// Sets what the names of all keys begin with. The default is `auth:used`. A token that several services take is good
    /// once for all that have the same prefix.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }
}

#[async_trait]
impl ReplayCache for RedisReplayCache {
    async fn use_once(&self, token: &TokenUse) -> Result<bool, BoxError> {
        let key = format!("{}:{}", self.prefix, base64url::encode(token.hash()));
        // Not a time but a duration: the server's clock may be another one.
        let kept = token.until().since(token.now()).as_secs().max(1);
        let kept = Expiration::EX(i64::try_from(kept)?);
        let set = self.client.set::<Option<String>, _, _>(key, "", Some(kept), Some(SetOptions::NX), false);
        Ok(tokio::time::timeout(DEADLINE, set).await??.is_some())
    }
}

impl fmt::Debug for RedisReplayCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisReplayCache").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
