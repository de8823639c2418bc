//! Keeps overlays in SQLite: [`SqliteOverlay`].

use sqlx::SqlitePool;

use super::sql::{call, sql_overlay};
use crate::BoxError;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS auth_overlay (
    name TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL
)";

/// Holds the rules of overlays in a table of SQLite, for instances that share the database file.
///
/// ```
/// use auth_runtime::overlay::{OverlayStore, SqliteOverlay};
///
/// # async fn f() -> Result<(), auth_runtime::BoxError> {
/// let store = SqliteOverlay::new(sqlx::SqlitePool::connect("sqlite://app.db").await?);
/// store.create_table().await?;
/// store.replace(r#"{"rules": []}"#).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct SqliteOverlay {
    pool: SqlitePool,
    name: String,
}

impl SqliteOverlay {
    /// Creates the table `auth_overlay` unless it exists.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be written.
    pub async fn create_table(&self) -> Result<(), BoxError> {
        call(sqlx::query(SCHEMA).execute(&self.pool)).await.map(drop)
    }
}

sql_overlay!(SqliteOverlay, SqlitePool);
