//! Stores tokens in SQLite: [`SqliteTokens`].

use auth_client::Error;
use sqlx::SqlitePool;

use super::{RingCipher, sql};

const SCHEMA: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS auth_login_tokens (id TEXT NOT NULL PRIMARY KEY, sealed BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS auth_login_token_locks (
        id TEXT NOT NULL PRIMARY KEY,
        owner TEXT NOT NULL,
        ends INTEGER NOT NULL
    )",
];

const LOCK: &str = "INSERT INTO auth_login_token_locks (id, owner, ends) VALUES ($1, $2, unixepoch() + $3)
     ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, ends = excluded.ends
     WHERE auth_login_token_locks.ends <= unixepoch()";

/// Encrypted tokens in two tables of SQLite.
///
/// ```
/// use auth_login::tokens::SqliteTokens;
/// use auth_runtime::KeyRing;
///
/// # async fn f(keys: KeyRing) -> Result<(), Box<dyn std::error::Error>> {
/// let pool = sqlx::SqlitePool::connect("sqlite://app.db").await?;
/// let store = SqliteTokens::new(pool, keys);
/// store.create_tables().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct SqliteTokens {
    pool: SqlitePool,
    cipher: RingCipher,
}

impl SqliteTokens {
    /// Creates the tables `auth_login_tokens` and `auth_login_token_locks` unless they exist.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be written.
    pub async fn create_tables(&self) -> Result<(), Error> {
        for text in SCHEMA {
            sqlx::query(text).execute(&self.pool).await.map_err(sql::failed)?;
        }
        Ok(())
    }
}

sql_tokens!(SqliteTokens, SqlitePool);
