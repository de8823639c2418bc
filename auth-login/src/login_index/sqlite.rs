//! The index of log-ins in SQLite: [`SqliteLoginIndex`].

use std::sync::Arc;

use auth_runtime::{BoxError, clock::Clock};
use sqlx::SqlitePool;

use super::{hint::HintCipher, sql::sql_login_index};

const SCHEMA: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS auth_login_logins (
        id TEXT NOT NULL PRIMARY KEY,
        provider TEXT NOT NULL,
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        session TEXT,
        hint TEXT,
        ends INTEGER NOT NULL
    )",
    "CREATE INDEX IF NOT EXISTS auth_login_logins_session ON auth_login_logins (issuer, session)",
    "CREATE INDEX IF NOT EXISTS auth_login_logins_subject ON auth_login_logins (issuer, subject)",
    "CREATE INDEX IF NOT EXISTS auth_login_logins_ends ON auth_login_logins (ends)",
];

/// Keeps log-ins in a table of SQLite, for instances that share the database file.
///
/// A log-in drops the records of others that have ended.
///
/// ```
/// use auth_login::SqliteLoginIndex;
/// use auth_runtime::KeyRing;
///
/// # async fn f(keys: KeyRing) -> Result<(), auth_runtime::BoxError> {
/// let pool = sqlx::SqlitePool::connect("sqlite://app.db").await?;
/// let index = SqliteLoginIndex::new(pool, keys);
/// index.create_tables().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SqliteLoginIndex {
    pool: SqlitePool,
    cipher: HintCipher,
    capacity: u32,
    clock: Arc<dyn Clock>,
}

impl SqliteLoginIndex {
    /// Creates the table `auth_login_logins` unless it exists.
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

sql_login_index!(SqliteLoginIndex, SqlitePool);
