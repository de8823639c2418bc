//! Caches used `jti`s in SQLite: [`SqliteReplayCache`].

use auth_runtime::BoxError;
use sqlx::SqlitePool;

use super::sql::sql_replay_cache;

const SCHEMA: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS auth_login_used (id BLOB NOT NULL PRIMARY KEY, ends INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS auth_login_used_ends ON auth_login_used (ends)",
];

/// A replay cache in a table of SQLite, for instances that share the database file.
///
/// ```
/// use auth_login::{Logins, SqliteReplayCache};
///
/// # async fn f() -> Result<(), auth_runtime::BoxError> {
/// let pool = sqlx::SqlitePool::connect("sqlite://app.db").await?;
/// let used = SqliteReplayCache::new(pool);
/// used.create_tables().await?;
/// let login = Logins::new("https://app.example.com")?.with_replay_cache(used);
/// # let _ = login;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct SqliteReplayCache {
    pool: SqlitePool,
}

impl SqliteReplayCache {
    /// Creates the table `auth_login_used` unless it exists.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be written.
    pub async fn create_tables(&self) -> Result<(), BoxError> {
        for text in SCHEMA {
            sqlx::query(text).execute(&self.pool).await?;
        }
        Ok(())
    }
}

sql_replay_cache!(SqliteReplayCache, SqlitePool);
