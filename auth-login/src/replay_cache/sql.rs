//! Holds the SQL of replay caches that SQLite and PostgreSQL share.

use std::time::Duration;

use auth_runtime::{BoxError, clock::UnixTime};

/// How long a statement may take, waiting for a connection included.
const DEADLINE: Duration = Duration::from_secs(5);

pub(super) const PRUNE: &str = "DELETE FROM auth_login_used WHERE ends <= $1";
pub(super) const USE: &str = "INSERT INTO auth_login_used (id, ends) VALUES ($1, $2) ON CONFLICT DO NOTHING";
pub(super) const COUNT: &str = "SELECT COUNT(*) FROM auth_login_used WHERE id = $1";

pub(super) fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

pub(super) async fn call<T>(query: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, BoxError> {
    Ok(tokio::time::timeout(DEADLINE, query).await??)
}

/// Implements [`ReplayCache`](auth_runtime::jwt::ReplayCache) for a struct with a `pool`.
macro_rules! sql_replay_cache {
    ($name:ident, $pool:ty) => {
        impl $name {
            /// Returns the cache in this database.
            #[must_use]
            pub const fn new(pool: $pool) -> Self {
                Self { pool }
            }
        }

        #[auth_runtime::async_trait]
        impl auth_runtime::jwt::ReplayCache for $name {
            async fn use_once(
                &self,
                token: &auth_runtime::jwt::TokenUse,
            ) -> Result<bool, auth_runtime::BoxError> {
                use super::sql;
                let ended = sqlx::query(sql::PRUNE).bind(sql::seconds(token.now()));
                sql::call(ended.execute(&self.pool)).await?;
                let query = sqlx::query(sql::USE).bind(&token.hash()[..]).bind(sql::seconds(token.until()));
                Ok(sql::call(query.execute(&self.pool)).await?.rows_affected() > 0)
            }

            async fn is_used(
                &self,
                token: &auth_runtime::jwt::TokenUse,
            ) -> Result<bool, auth_runtime::BoxError> {
                use super::sql;
                let query = sqlx::query_scalar::<_, i64>(sql::COUNT).bind(&token.hash()[..]);
                Ok(sql::call(query.fetch_one(&self.pool)).await? > 0)
            }
        }
    };
}

pub(super) use sql_replay_cache;
