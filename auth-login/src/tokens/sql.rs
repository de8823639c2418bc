//! Holds the SQL of stores of tokens that SQLite and PostgreSQL share.
//!
//! A lock is a row with an owner and an end, since it must hold for all instances and outlive none of them.
//! It ends by itself after two minutes, longer than any refresh takes.

use std::time::Duration;

use auth_client::Error;

/// How long a lock holds if its owner does not release it, in seconds.
pub(super) const LEASE: i64 = 120;
/// The intervals at which a lock is asked for.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(5);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_millis(200);

pub(super) const LOAD: &str = "SELECT sealed FROM auth_login_tokens WHERE id = $1";
pub(super) const SAVE: &str = "INSERT INTO auth_login_tokens (id, sealed) VALUES ($1, $2)
     ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed";
pub(super) const REMOVE: &str = "DELETE FROM auth_login_tokens WHERE id = $1";
pub(super) const RELEASE: &str = "DELETE FROM auth_login_token_locks WHERE id = $1 AND owner = $2";

pub(super) fn failed(error: sqlx::Error) -> Error {
    Error::storage("the store of tokens cannot be asked").with_source(error)
}

/// Returns the name of a new owner of a lock.
pub(super) fn owner() -> Result<String, Error> {
    let random = crate::random_value::RandomValue::new();
    random
        .map(crate::random_value::RandomValue::to_text)
        .ok_or_else(|| Error::storage("the system gives no random numbers"))
}

/// Releases a lock when it is dropped.
pub(super) struct Release<F: FnOnce() + Send + Sync>(pub(super) Option<F>);

impl<F: FnOnce() + Send + Sync> Drop for Release<F> {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            release();
        }
    }
}

/// Implements [`TokenStore`](auth_client::TokenStore) for a struct with a `pool`, a `cipher` and a statement
/// `LOCK` that takes a free or ended lock.
macro_rules! sql_tokens {
    ($name:ident, $pool:ty) => {
        impl $name {
            /// Returns the tokens in this database, encrypted with the keys of this ring.
            #[must_use]
            pub fn new(pool: $pool, keys: auth_runtime::KeyRing) -> Self {
                Self { pool, cipher: crate::tokens::RingCipher::new(keys) }
            }
        }

        #[async_trait::async_trait]
        impl auth_client::TokenStore for $name {
            async fn lock(
                &self,
                key: &auth_client::StoreKey,
            ) -> Result<auth_client::StoreLock, auth_client::Error> {
                use crate::tokens::sql;
                let (id, owner) = (key.as_str().to_owned(), sql::owner()?);
                let mut pause = sql::FIRST_PAUSE;
                loop {
                    let query = sqlx::query(LOCK).bind(&id).bind(&owner).bind(sql::LEASE);
                    if query.execute(&self.pool).await.map_err(sql::failed)?.rows_affected() > 0 {
                        break;
                    }
                    tokio::time::sleep(pause).await;
                    pause = pause.saturating_mul(2).min(sql::LONGEST_PAUSE);
                }
                let pool = self.pool.clone();
                let release = move || {
                    // Without a runtime, the lock ends by itself.
                    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
                    runtime.spawn(async move {
                        let query = sqlx::query(sql::RELEASE).bind(id).bind(owner);
                        if let Err(error) = query.execute(&pool).await {
                            tracing::warn!(target: "auth_login", %error, "the lock of a token cannot be released");
                        }
                    });
                };
                Ok(auth_client::StoreLock::new(sql::Release(Some(release))))
            }

            async fn load(
                &self,
                key: &auth_client::StoreKey,
            ) -> Result<Option<auth_client::Token>, auth_client::Error> {
                use crate::tokens::sql;
                let query = sqlx::query_scalar::<_, Vec<u8>>(sql::LOAD).bind(key.as_str());
                let Some(sealed) = query.fetch_optional(&self.pool).await.map_err(sql::failed)? else {
                    return Ok(None);
                };
                let token = key.open(&sealed, &self.cipher);
                if token.is_none() {
                    tracing::warn!(target: "auth_login", "a stored token cannot be decrypted; it is not used");
                }
                Ok(token)
            }

            async fn save(
                &self,
                key: &auth_client::StoreKey,
                token: &auth_client::Token,
            ) -> Result<(), auth_client::Error> {
                use crate::tokens::sql;
                let query = sqlx::query(sql::SAVE).bind(key.as_str()).bind(key.seal(token, &self.cipher)?);
                query.execute(&self.pool).await.map(|_| ()).map_err(sql::failed)
            }

            async fn remove(&self, key: &auth_client::StoreKey) -> Result<(), auth_client::Error> {
                use crate::tokens::sql;
                let query = sqlx::query(sql::REMOVE).bind(key.as_str());
                query.execute(&self.pool).await.map(|_| ()).map_err(sql::failed)
            }
        }
    };
}
