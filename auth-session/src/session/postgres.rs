//! Stores sessions in PostgreSQL.

use sqlx::PgPool;
use tower_sessions_sqlx_store::PostgresStore;

use super::{SessionIdentity, sql::database};

database!(Postgres, PgPool, PostgresStore);

impl SessionIdentity {
    /// Creates a policy with a PostgreSQL database; [`migrate`](Self::migrate) creates its tables,
    /// `tower_sessions.session` and `auth_session_index`.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use auth_runtime::{AuthLayer, SessionIdentity};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let policy = SessionIdentity::postgres(sqlx::PgPool::connect("postgres://app@127.0.0.1/app").await?);
    /// policy.migrate().await?;
    /// let app: axum::Router = axum::Router::new().layer(AuthLayer::new(policy));
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The system clock determines which records have expired. Call
    /// [`Sessions::delete_expired`](super::Sessions::delete_expired) regularly.
    ///
    /// # Security
    ///
    /// The default of `sqlx`, `sslmode=prefer`, connects in clear text if `sqlx` was built without TLS or the
    /// server does not offer it (downgrade). For a remote server, add `sslmode=verify-full` to the address
    /// and enable a TLS feature of `sqlx`, such as `tls-rustls-aws-lc-rs`; without one, connecting fails
    /// before anything is sent.
    pub fn postgres(pool: PgPool) -> Self {
        Postgres::policy(pool)
    }
}
