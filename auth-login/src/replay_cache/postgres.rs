//! Caches used `jti`s in PostgreSQL: [`PostgresReplayCache`].

use auth_runtime::BoxError;
use sqlx::PgPool;

use super::sql::sql_replay_cache;

/// The lock that keeps two instances from creating the table at the same time: the letters `authused`.
const SCHEMA_LOCK: i64 = 0x6175_7468_7573_6564;

const SCHEMA: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS auth_login_used (id BYTEA PRIMARY KEY, ends BIGINT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS auth_login_used_ends ON auth_login_used (ends)",
];

/// A replay cache in a table of PostgreSQL.
///
/// ```
/// use auth_login::{Logins, PostgresReplayCache};
///
/// # async fn f() -> Result<(), auth_runtime::BoxError> {
/// let pool = sqlx::PgPool::connect("postgres://app@127.0.0.1/app").await?;
/// let used = PostgresReplayCache::new(pool);
/// used.create_tables().await?;
/// let login = Logins::new("https://app.example.com")?.with_replay_cache(used);
/// # let _ = login;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct PostgresReplayCache {
    pool: PgPool,
}

impl PostgresReplayCache {
    /// Creates the table `auth_login_used` unless it exists.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be written.
    pub async fn create_tables(&self) -> Result<(), BoxError> {
        let mut transaction = self.pool.begin().await?;
        let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SCHEMA_LOCK);
        lock.execute(&mut *transaction).await?;
        for text in SCHEMA {
            sqlx::query(text).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

sql_replay_cache!(PostgresReplayCache, PgPool);
