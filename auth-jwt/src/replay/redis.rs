//! Remembers used tokens in Redis: [`RedisReplayCache`].

use std::{fmt, time::Duration};

use async_trait::async_trait;
use fred::{
    clients::Client,
    interfaces::KeysInterface as _,
    types::{Expiration, SetOptions},
};

use super::{ReplayCache, TokenUse};
use crate::base64url;
use auth_identity::BoxError;

/// The timeout of a command.
const DEADLINE: Duration = Duration::from_secs(2);

/// A replay cache on a Redis server, for any number of instances.
///
/// A use is one command with a timeout of 2 seconds. The server drops a token five minutes after it has
/// expired; the duration is computed from the instance's clock.
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
/// Parse the address with `redis_config`: without its TLS features, `fred` connects to
/// a `rediss://` address in clear text (downgrade).
///
/// A token that the server drops is accepted once more. Use the eviction policy `noeviction`, with which a
/// full server rejects writes, and persistence (`appendfsync always`); or wait for the longest lifetime of a
/// token before using a server that has lost its data. A replica that takes over may lack the latest uses.
#[derive(Clone)]
pub struct RedisReplayCache {
    client: Client,
    prefix: String,
}

impl RedisReplayCache {
    /// Creates a cache with a connected client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, prefix: "auth:used".to_owned() }
    }

    /// Sets the prefix of all keys. The default is `auth:used`. A token for several services is accepted once
    /// by all services with the same prefix.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    fn key(&self, token: &TokenUse) -> String {
        format!("{}:{}", self.prefix, base64url::encode(token.hash()))
    }
}

#[async_trait]
impl ReplayCache for RedisReplayCache {
    async fn use_once(&self, token: &TokenUse) -> Result<bool, BoxError> {
        let key = self.key(token);
        // A duration, not a time: the server's clock may differ.
        let kept = token.until().since(token.now()).as_secs().max(1);
        let kept = Expiration::EX(i64::try_from(kept)?);
        let set = self.client.set::<Option<String>, _, _>(key, "", Some(kept), Some(SetOptions::NX), false);
        Ok(tokio::time::timeout(DEADLINE, set).await??.is_some())
    }

    async fn is_used(&self, token: &TokenUse) -> Result<bool, BoxError> {
        let count = self.client.exists::<u32, _>(self.key(token));
        Ok(tokio::time::timeout(DEADLINE, count).await?? > 0)
    }
}

impl fmt::Debug for RedisReplayCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisReplayCache").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
