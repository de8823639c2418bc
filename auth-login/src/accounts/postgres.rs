//! Stores accounts in PostgreSQL: [`PostgresAccounts`].

use sqlx::{PgPool, Postgres, Transaction};

use super::{AccountsError, sql};

/// The lock that keeps two instances from creating the tables at the same time: the letters `authlogi`.
const SCHEMA_LOCK: i64 = 0x6175_7468_6c6f_6769;

const SCHEMA: [&str; 3] = [
    r#"CREATE TABLE IF NOT EXISTS auth_login_accounts (id TEXT COLLATE "C" PRIMARY KEY)"#,
    r#"CREATE TABLE IF NOT EXISTS auth_login_identities (
        issuer TEXT COLLATE "C" NOT NULL,
        subject TEXT COLLATE "C" NOT NULL,
        account TEXT COLLATE "C" NOT NULL REFERENCES auth_login_accounts (id),
        PRIMARY KEY (issuer, subject)
    )"#,
    "CREATE INDEX IF NOT EXISTS auth_login_identities_account ON auth_login_identities (account)",
];

/// Accounts in two tables of PostgreSQL.
///
/// ```
/// use auth_login::accounts::PostgresAccounts;
///
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = sqlx::PgPool::connect("postgres://app@127.0.0.1/app").await?;
/// let accounts = PostgresAccounts::new(pool);
/// accounts.create_tables().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct PostgresAccounts {
    pool: PgPool,
}

impl PostgresAccounts {
    /// Returns the accounts in this database.
    #[must_use]
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Creates the tables `auth_login_accounts` and `auth_login_identities` unless they exist.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be written.
    pub async fn create_tables(&self) -> Result<(), AccountsError> {
        let mut transaction = self.begin().await.map_err(sql::failed)?;
        let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SCHEMA_LOCK);
        lock.execute(&mut *transaction).await.map_err(sql::failed)?;
        for text in SCHEMA {
            sqlx::query(text).execute(&mut *transaction).await.map_err(sql::failed)?;
        }
        transaction.commit().await.map_err(sql::failed)
    }

    async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.pool.begin().await
    }

    /// Locks the user's row until the transaction ends.
    async fn lock(transaction: &mut Transaction<'static, Postgres>, user: &str) -> Result<(), sqlx::Error> {
        let query = sqlx::query("SELECT id FROM auth_login_accounts WHERE id = $1 FOR UPDATE").bind(user);
        query.execute(&mut **transaction).await.map(|_| ())
    }
}

sql_accounts!(PostgresAccounts);
