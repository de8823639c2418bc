//! Sessions in PostgreSQL.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::PgPool;
use tower_sessions_core_014::ExpiredDeletion as _;
use tower_sessions_sqlx_store::PostgresStore;

use super::{SessionIdentity, backend::Upkeep, earlier::Earlier, sql::impl_index};
use crate::{BoxError, clock::UnixTime};

#[derive(Clone, Debug)]
struct Postgres {
    pool: PgPool,
    store: PostgresStore,
}

impl_index!(Postgres);

#[async_trait]
impl Upkeep for Postgres {
    async fn migrate(&self) -> Result<(), BoxError> {
        self.store.migrate().await?;
        Ok(self.create_table().await?)
    }

    async fn delete_expired(&self, now: UnixTime) -> Result<(), BoxError> {
        self.store.delete_expired().await?;
        Ok(self.drop_expired(now).await?)
    }
}

impl SessionIdentity {
    /// Makes a policy over a PostgreSQL database; [`migrate`](Self::migrate) makes its tables,
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
    /// The system's clock decides which records have expired. Call
    /// [`Sessions::delete_expired`](super::Sessions::delete_expired) now and then.
    pub fn postgres(pool: PgPool) -> Self {
        let store = PostgresStore::new(pool.clone());
        let database = Postgres { pool, store: store.clone() };
        let mut policy = Self::new(Earlier(store)).with_index(database.clone());
        policy.backend.upkeep = Some(Arc::new(database));
        policy
    }
}
