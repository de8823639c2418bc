//! Sessions in SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::SqlitePool;
use tower_sessions_core_014::ExpiredDeletion as _;
use tower_sessions_sqlx_store::SqliteStore;

use super::{SessionIdentity, backend::Upkeep, earlier::Earlier, sql::impl_index};
use crate::{BoxError, clock::UnixTime};

#[derive(Clone, Debug)]
struct Sqlite {
    pool: SqlitePool,
    store: SqliteStore,
}

impl_index!(Sqlite);

#[async_trait]
impl Upkeep for Sqlite {
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
    /// The system's clock decides which records have expired. Call
    /// [`Sessions::delete_expired`](super::Sessions::delete_expired) now and then.
    pub fn sqlite(pool: SqlitePool) -> Self {
        let store = SqliteStore::new(pool.clone());
        let database = Sqlite { pool, store: store.clone() };
        let mut policy = Self::new(Earlier(store)).with_index(database.clone());
        policy.backend.upkeep = Some(Arc::new(database));
        policy
    }
}
