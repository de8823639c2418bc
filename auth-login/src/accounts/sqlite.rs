//! Stores accounts in SQLite: [`SqliteAccounts`].

use sqlx::{Sqlite, SqlitePool, Transaction};

use super::{AccountsError, sql};

const SCHEMA: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS auth_login_accounts (id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS auth_login_identities (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        account TEXT NOT NULL REFERENCES auth_login_accounts (id),
        PRIMARY KEY (issuer, subject)
    ) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS auth_login_identities_account ON auth_login_identities (account)",
];

/// Accounts in two tables of SQLite.
///
/// ```
/// use auth_login::accounts::SqliteAccounts;
///
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = sqlx::SqlitePool::connect("sqlite://app.db").await?;
/// let accounts = SqliteAccounts::new(pool);
/// accounts.create_tables().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct SqliteAccounts {
    pool: SqlitePool,
}

impl SqliteAccounts {
    /// Returns the accounts in this database.
    #[must_use]
    pub const fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// Creates the tables `auth_login_accounts` and `auth_login_identities` unless they exist.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be written.
    pub async fn create_tables(&self) -> Result<(), AccountsError> {
        let mut transaction = self.begin().await.map_err(sql::failed)?;
        for text in SCHEMA {
            sqlx::query(text).execute(&mut *transaction).await.map_err(sql::failed)?;
        }
        transaction.commit().await.map_err(sql::failed)
    }

    /// Begins as a writer: a transaction that reads first could not write any more once another one has
    /// written.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.pool.begin_with("BEGIN IMMEDIATE").await
    }

    /// Locks nothing: there is one writer at a time.
    #[expect(clippy::unused_async, reason = "other databases have a row to lock")]
    async fn lock(_: &mut Transaction<'static, Sqlite>, _: &str) -> Result<(), sqlx::Error> {
        Ok(())
    }
}

sql_accounts!(SqliteAccounts);
