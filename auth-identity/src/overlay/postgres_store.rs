//! Keeps overlays in PostgreSQL: [`PostgresOverlay`].

use sqlx::PgPool;

use super::sql::sql_overlay;
use crate::BoxError;

/// The lock that keeps two instances from creating the table at the same time: the letters `authover`.
const SCHEMA_LOCK: i64 = 0x6175_7468_6f76_6572;

const SCHEMA: &str = r#"CREATE TABLE IF NOT EXISTS auth_overlay (
    name TEXT COLLATE "C" PRIMARY KEY,
    document TEXT NOT NULL
)"#;

/// Holds the rules of overlays in a table of PostgreSQL. Connect to the primary: a replica that lags would
/// undo a denial for a while.
///
/// ```
/// use auth_runtime::overlay::{OverlayStore, PostgresOverlay};
///
/// # async fn f() -> Result<(), auth_runtime::BoxError> {
/// let store = PostgresOverlay::new(sqlx::PgPool::connect("postgres://app@127.0.0.1/app").await?);
/// store.create_table().await?;
/// store.replace(r#"{"rules": []}"#).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct PostgresOverlay {
    pool: PgPool,
    name: String,
}

impl PostgresOverlay {
    /// Creates the table `auth_overlay` unless it exists.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be written.
    pub async fn create_table(&self) -> Result<(), BoxError> {
        let mut transaction = self.pool.begin().await?;
        let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SCHEMA_LOCK);
        lock.execute(&mut *transaction).await?;
        sqlx::query(SCHEMA).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }
}

sql_overlay!(PostgresOverlay, PgPool);
