//! Indexes log-ins in PostgreSQL: [`PostgresLoginIndex`].

use std::sync::Arc;

use auth_runtime::{BoxError, clock::Clock};
use sqlx::PgPool;

use super::{id_token_cipher::IdTokenCipher, sql::sql_login_index};

/// The lock that keeps two instances from creating the table at the same time: the letters `authindx`.
const SCHEMA_LOCK: i64 = 0x6175_7468_696e_6478;

const SCHEMA: [&str; 8] = [
    r#"CREATE TABLE IF NOT EXISTS auth_login_logins (
        id TEXT COLLATE "C" PRIMARY KEY,
        provider TEXT NOT NULL,
        issuer TEXT COLLATE "C" NOT NULL,
        subject TEXT COLLATE "C" NOT NULL,
        account TEXT COLLATE "C" NOT NULL,
        session TEXT COLLATE "C",
        hint TEXT,
        ends BIGINT NOT NULL
    )"#,
    "CREATE INDEX IF NOT EXISTS auth_login_logins_session ON auth_login_logins (issuer, session)",
    "CREATE INDEX IF NOT EXISTS auth_login_logins_subject ON auth_login_logins (issuer, subject)",
    "CREATE INDEX IF NOT EXISTS auth_login_logins_account ON auth_login_logins (issuer, account)",
    "CREATE INDEX IF NOT EXISTS auth_login_logins_ends ON auth_login_logins (ends)",
    r#"CREATE TABLE IF NOT EXISTS auth_login_logouts (
        number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name TEXT COLLATE "C" NOT NULL,
        ends BIGINT NOT NULL
    )"#,
    "CREATE INDEX IF NOT EXISTS auth_login_logouts_name ON auth_login_logouts (name)",
    "CREATE INDEX IF NOT EXISTS auth_login_logouts_ends ON auth_login_logouts (ends)",
];

/// Keeps log-ins and log-outs in tables of PostgreSQL.
///
/// A log-in drops the records of others that have ended, and a log-out those of log-outs. Log-ins of one user
/// at the same moment may exceed the capacity by as many as there are.
///
/// ```
/// use auth_login::PostgresLoginIndex;
/// use auth_runtime::KeyRing;
///
/// # async fn f(keys: KeyRing) -> Result<(), auth_runtime::BoxError> {
/// let pool = sqlx::PgPool::connect("postgres://app@127.0.0.1/app").await?;
/// let index = PostgresLoginIndex::new(pool, keys);
/// index.create_tables().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PostgresLoginIndex {
    pool: PgPool,
    cipher: IdTokenCipher,
    capacity: u32,
    clock: Arc<dyn Clock>,
}

impl PostgresLoginIndex {
    /// Creates the tables `auth_login_logins` and `auth_login_logouts` unless they exist.
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

sql_login_index!(PostgresLoginIndex, PgPool);
