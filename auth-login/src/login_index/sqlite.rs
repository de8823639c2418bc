//! Indexes log-ins in SQLite: [`SqliteLoginIndex`].

use std::sync::Arc;

use auth_runtime::{BoxError, clock::Clock};
use sqlx::SqlitePool;

use super::{id_token_cipher::IdTokenCipher, sql::sql_login_index};

const SCHEMA: [&str; 8] = [
    "CREATE TABLE IF NOT EXISTS auth_login_logins (
        id TEXT NOT NULL PRIMARY KEY,
        provider TEXT NOT NULL,
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        account TEXT NOT NULL,
        session TEXT,
        hint TEXT,
        ends INTEGER NOT NULL
    )",
    "CREATE INDEX IF NOT EXISTS auth_login_logins_session ON auth_login_logins (issuer, session)",
    "CREATE INDEX IF NOT EXISTS auth_login_logins_subject ON auth_login_logins (issuer, subject)",
    "CREATE INDEX IF NOT EXISTS auth_login_logins_account ON auth_login_logins (issuer, account)",
    "CREATE INDEX IF NOT EXISTS auth_login_logins_ends ON auth_login_logins (ends)",
    // Numbers are never used again: a log-in would take a later log-out for an earlier one.
    "CREATE TABLE IF NOT EXISTS auth_login_logouts (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        ends INTEGER NOT NULL
    )",
    "CREATE INDEX IF NOT EXISTS auth_login_logouts_name ON auth_login_logouts (name)",
    "CREATE INDEX IF NOT EXISTS auth_login_logouts_ends ON auth_login_logouts (ends)",
];

/// Keeps log-ins and log-outs in tables of SQLite, for instances that share the database file.
///
/// A log-in drops the records of others that have ended, and a log-out those of log-outs.
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
    cipher: IdTokenCipher,
    capacity: u32,
    clock: Arc<dyn Clock>,
}

impl SqliteLoginIndex {
    /// Creates the tables `auth_login_logins` and `auth_login_logouts` unless they exist.
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
