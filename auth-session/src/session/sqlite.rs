//! Stores sessions in SQLite.

use sqlx::SqlitePool;
use tower_sessions_sqlx_store::SqliteStore;

use super::{SessionIdentity, sql::database};

database!(Sqlite, SqlitePool, SqliteStore);

impl SessionIdentity {
    /// Creates a policy with an SQLite database; [`migrate`](Self::migrate) creates its tables,
    /// `tower_sessions` and `auth_session_index`.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthLayer, SessionIdentity};
    /// use sqlx::sqlite::SqlitePoolOptions;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    /// let policy = SessionIdentity::sqlite(pool);
    /// policy.migrate().await?;
    /// let app: axum::Router = axum::Router::new().layer(AuthLayer::new(policy));
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A missing file is created with `sqlite:app.db?mode=rwc`; the pool is of sqlx 0.8.
    ///
    /// The system clock determines which records have expired, regardless of
    /// `AuthLayer::with_clock`. Call
    /// [`Sessions::delete_expired`](super::Sessions::delete_expired) regularly.
    pub fn sqlite(pool: SqlitePool) -> Self {
        Sqlite::policy(pool)
    }
}
