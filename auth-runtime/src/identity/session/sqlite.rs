//! Sessions in SQLite.

use sqlx::SqlitePool;
use tower_sessions_sqlx_store::SqliteStore;

use super::{SessionIdentity, sql::database};

database!(Sqlite, SqlitePool, SqliteStore);

impl SessionIdentity {
    /// Makes a policy over an SQLite database; [`migrate`](Self::migrate) makes its tables, `tower_sessions` and
    /// `auth_session_index`.
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
    /// A file that is not there yet is made with `sqlite:app.db?mode=rwc`; the pool is one of sqlx 0.8.
    ///
    /// The system's clock decides which records have expired, whatever [`AuthLayer::with_clock`](crate::AuthLayer::with_clock)
    /// says. Call
    /// [`Sessions::delete_expired`](super::Sessions::delete_expired) now and then.
    pub fn sqlite(pool: SqlitePool) -> Self {
        Sqlite::policy(pool)
    }
}
