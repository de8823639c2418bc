//! Sessions in Redis.

use std::{collections::HashMap, fmt};

use async_trait::async_trait;
use fred::{
    interfaces::{HashesInterface, KeysInterface},
    types::ExpireOptions,
};
use tower_sessions_redis_store::RedisStore;

use super::{SessionEntry, SessionIdentity, SessionIndex, tower_sessions_014::TowerSessions014};
use crate::{BoxError, clock::UnixTime, identity::CredentialId};

const PREFIX: &str = "auth-session-index:";

/// A hash for each user, which Redis drops when the last of the sessions must have ended.
struct RedisIndex<C>(C);

impl SessionIdentity {
    /// Makes a policy over Redis 7 or later, with a client or a pool of `fred` that is connected.
    ///
    /// Records are kept under keys of 22 letters, the sessions of users under `auth-session-index:` and 43 letters; both
    /// expire by themselves.
    ///
    /// Give the client a policy for reconnecting: without one it does not come back when the server has been away, and
    /// every request is answered with 503 until the application is started again.
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
    /// Read the address with [`redis_config`](crate::redis_config): without its TLS features, `fred` connects to a
    /// `rediss://` address in clear text.
    pub fn redis<C>(client: C) -> Self
    where
        C: KeysInterface + HashesInterface + Clone + fmt::Debug + Send + Sync + 'static,
    {
        Self::new(TowerSessions014(RedisStore::new(client.clone()))).with_index(RedisIndex(client))
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
        // The first sets the time where there is none, the second only ever moves it on.
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
