//! Stores tokens in PostgreSQL: [`PostgresTokens`].

use auth_client::Error;
use sqlx::PgPool;

use super::{RingCipher, sql};

/// The lock that keeps two instances from creating the tables at the same time: the letters `authtokn`.
const SCHEMA_LOCK: i64 = 0x6175_7468_746f_6b6e;

const SCHEMA: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS auth_login_tokens (id TEXT PRIMARY KEY, sealed BYTEA NOT NULL)",
    "CREATE TABLE IF NOT EXISTS auth_login_token_locks (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        ends BIGINT NOT NULL
    )",
];

const LOCK: &str = "INSERT INTO auth_login_token_locks (id, owner, ends)
     VALUES ($1, $2, extract(epoch FROM clock_timestamp())::bigint + $3)
     ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, ends = excluded.ends
     WHERE auth_login_token_locks.ends <= extract(epoch FROM clock_timestamp())::bigint";

/// Encrypted tokens in two tables of PostgreSQL.
///
/// ```
/// use auth_login::tokens::PostgresTokens;
/// use auth_runtime::KeyRing;
///
/// # async fn f(keys: KeyRing) -> Result<(), Box<dyn std::error::Error>> {
/// let pool = sqlx::PgPool::connect("postgres://app@127.0.0.1/app").await?;
/// let store = PostgresTokens::new(pool, keys);
/// store.create_tables().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct PostgresTokens {
    pool: PgPool,
    cipher: RingCipher,
}

impl PostgresTokens {
    /// Creates the tables `auth_login_tokens` and `auth_login_token_locks` unless they exist.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be written.
    pub async fn create_tables(&self) -> Result<(), Error> {
        let mut transaction = self.pool.begin().await.map_err(sql::failed)?;
        let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SCHEMA_LOCK);
        lock.execute(&mut *transaction).await.map_err(sql::failed)?;
        for text in SCHEMA {
            sqlx::query(text).execute(&mut *transaction).await.map_err(sql::failed)?;
        }
        transaction.commit().await.map_err(sql::failed)
    }
}

sql_tokens!(PostgresTokens, PgPool);
