//! Stores sessions in Redis.

use std::{collections::HashMap, fmt};

use async_trait::async_trait;
use fred::{
    interfaces::{HashesInterface, KeysInterface},
    types::ExpireOptions,
};
use tower_sessions_redis_store::RedisStore;

use super::{SessionEntry, SessionIdentity, SessionIndex, TowerSessions014};
use auth_identity::{BoxError, clock::UnixTime, identity::CredentialId};

const PREFIX: &str = "auth-session-index:";

/// A hash per user, which Redis drops when the last session has expired.
struct RedisIndex<C>(C);

impl SessionIdentity {
    /// Creates a policy with Redis 7 or later and a connected `fred` client or pool.
    ///
    /// Records have keys of 22 characters, and the sessions of users `auth-session-index:` with 43
    /// characters; both expire.
    ///
    /// Give the client a reconnect policy: without one it does not reconnect after the server was
    /// unavailable, and every request gets 503 until the application restarts.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use auth_runtime::{AuthLayer, BoxError, SessionIdentity, redis_config};
    /// use fred::prelude::{Builder, ClientLike, ReconnectPolicy};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), BoxError> {
    /// let pool = Builder::from_config(redis_config("redis://127.0.0.1:6379")?)
    ///     .set_policy(ReconnectPolicy::new_exponential(0, 50, 1_000, 2))
    ///     .build_pool(4)?;
    /// pool.init().await?;
    /// let app: axum::Router = axum::Router::new().layer(AuthLayer::new(SessionIdentity::redis(pool)));
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Security
    ///
    /// Parse the address with `redis_config`: without its TLS features, `fred`
    /// connects to a `rediss://` address in clear text (downgrade).
    pub fn redis<C>(client: C) -> Self
    where
        C: KeysInterface + HashesInterface + Clone + fmt::Debug + Send + Sync + 'static,
    {
        Self::new(TowerSessions014::new(RedisStore::new(client.clone()))).with_index(RedisIndex(client))
    }
}

#[async_trait]
impl<C> SessionIndex for RedisIndex<C>
where
    C: KeysInterface + HashesInterface + Send + Sync + 'static,
{
    async fn add(&self, user: &str, entry: &SessionEntry) -> Result<(), BoxError> {
        let key = key(user);
        let _: () = self.0.hset(&key, (entry.id().as_str(), write(entry))).await?;
        let expires = i64::try_from(entry.expires().as_secs()).unwrap_or(i64::MAX);
        // The first sets a time if there is none; the second only extends it.
        for option in [ExpireOptions::NX, ExpireOptions::GT] {
            let _: i64 = self.0.expire_at(&key, expires, Some(option)).await?;
        }
        Ok(())
    }

    async fn remove(&self, user: &str, id: &CredentialId) -> Result<(), BoxError> {
        let _: i64 = self.0.hdel(key(user), id.as_str()).await?;
        Ok(())
    }

    async fn list(&self, user: &str) -> Result<Vec<SessionEntry>, BoxError> {
        let entries: HashMap<String, String> = self.0.hgetall(key(user)).await?;
        entries.into_iter().map(|(id, text)| read(id, &text)).collect()
    }
}

fn key(user: &str) -> String {
    [PREFIX, user].concat()
}

fn write(entry: &SessionEntry) -> String {
    format!("{} {} {}", entry.created(), entry.expires(), entry.records())
}

fn read(id: String, text: &str) -> Result<SessionEntry, BoxError> {
    let mut words = text.splitn(3, ' ');
    let mut word = || words.next().ok_or("an entry of the index of sessions is incomplete");
    let (created, expires) = (word()?.parse()?, word()?.parse()?);
    Ok(SessionEntry::new(
        CredentialId::new(id)?,
        word()?,
        UnixTime::from_secs(created),
        UnixTime::from_secs(expires),
    ))
}
