//! Keeps overlays in a database of `sqlx`: what SQLite and PostgreSQL have in common.

use std::time::Duration;

use crate::BoxError;

/// How long a statement may take, waiting for a connection included.
const DEADLINE: Duration = Duration::from_secs(5);

pub(super) const LOAD: &str = "SELECT document FROM auth_overlay WHERE name = $1";
pub(super) const REPLACE: &str = "INSERT INTO auth_overlay (name, document) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET document = excluded.document";

/// Waits for the database, but not for long.
pub(super) async fn call<T>(query: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, BoxError> {
    Ok(tokio::time::timeout(DEADLINE, query).await??)
}

/// Implements the traits for a struct with `pool` and `name`.
macro_rules! sql_overlay {
    ($type:ident, $pool:ty) => {
        impl $type {
            /// Returns the store in this database.
            pub fn new(pool: $pool) -> Self {
                Self { pool, name: "overlay".to_owned() }
            }

            /// Sets the name of the document, for several applications with one database. The default is
            /// `overlay`.
            pub fn with_name(mut self, name: impl Into<String>) -> Self {
                self.name = name.into();
                self
            }
        }

        #[async_trait::async_trait]
        impl super::OverlaySource for $type {
            async fn load(&self) -> Result<Option<String>, crate::BoxError> {
                use super::sql;
                let query = sqlx::query_scalar(sql::LOAD).bind(&self.name);
                sql::call(query.fetch_optional(&self.pool)).await
            }
        }

        #[async_trait::async_trait]
        impl super::OverlayStore for $type {
            async fn replace(&self, document: &str) -> Result<(), crate::BoxError> {
                use super::sql;
                let query = sqlx::query(sql::REPLACE).bind(&self.name).bind(document);
                sql::call(query.execute(&self.pool)).await.map(drop)
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($type)).field("name", &self.name).finish_non_exhaustive()
            }
        }
    };
}

pub(super) use sql_overlay;
