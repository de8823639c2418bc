//! Stores sessions in SQL: the store of `tower-sessions`, with a table as index of users, for SQLite and
//! PostgreSQL.

/// Implements a database. The types of pools and stores differ; the SQL of the index does not.
macro_rules! database {
    ($database:ident, $pool:ty, $store:ty) => {
        #[derive(Clone, Debug)]
        struct $database {
            pool: $pool,
            store: $store,
        }

        impl $database {
            /// A policy with its records and its index in the database.
            fn policy(pool: $pool) -> super::SessionIdentity {
                let store = <$store>::new(pool.clone());
                let database = Self { pool, store: store.clone() };
                let mut policy = super::SessionIdentity::new(super::TowerSessions014::new(store));
                policy = policy.with_index(database.clone());
                policy.backend.upkeep = Some(std::sync::Arc::new(database));
                policy
            }

            async fn create_table(&self) -> Result<(), sqlx::Error> {
                sqlx::query(
                    "create table if not exists auth_session_index (user_key text not null, id text not null, \
                     records text not null, created bigint not null, expires bigint not null, \
                     primary key (user_key, id))",
                )
                .execute(&self.pool)
                .await?;
                sqlx::query(
                    "create index if not exists auth_session_index_expires on auth_session_index (expires)",
                )
                .execute(&self.pool)
                .await?;
                Ok(())
            }

            async fn drop_expired(&self, now: auth_identity::clock::UnixTime) -> Result<(), sqlx::Error> {
                sqlx::query("delete from auth_session_index where expires <= $1")
                    .bind($crate::session::sql::to_column(now))
                    .execute(&self.pool)
                    .await?;
                Ok(())
            }
        }

        #[async_trait::async_trait]
        impl super::store_with_timeout::Upkeep for $database {
            async fn migrate(&self) -> Result<(), auth_identity::BoxError> {
                self.store.migrate().await?;
                Ok(self.create_table().await?)
            }

            async fn delete_expired(&self, now: auth_identity::clock::UnixTime) -> Result<(), auth_identity::BoxError> {
                tower_sessions_core_014::ExpiredDeletion::delete_expired(&self.store).await?;
                Ok(self.drop_expired(now).await?)
            }
        }

        #[async_trait::async_trait]
        impl super::SessionIndex for $database {
            async fn add(&self, user: &str, entry: &super::SessionEntry) -> Result<(), auth_identity::BoxError> {
                sqlx::query(
                    "insert into auth_session_index (user_key, id, records, created, expires) \
                     values ($1, $2, $3, $4, $5) on conflict (user_key, id) do nothing",
                )
                .bind(user)
                .bind(entry.id().as_str())
                .bind(entry.records())
                .bind($crate::session::sql::to_column(entry.created()))
                .bind($crate::session::sql::to_column(entry.expires()))
                .execute(&self.pool)
                .await?;
                Ok(())
            }

            async fn remove(
                &self,
                user: &str,
                id: &auth_identity::identity::CredentialId,
            ) -> Result<(), auth_identity::BoxError> {
                sqlx::query("delete from auth_session_index where user_key = $1 and id = $2")
                    .bind(user)
                    .bind(id.as_str())
                    .execute(&self.pool)
                    .await?;
                Ok(())
            }

            async fn list(&self, user: &str) -> Result<Vec<super::SessionEntry>, auth_identity::BoxError> {
                let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
                    "select id, records, created, expires from auth_session_index where user_key = $1",
                )
                .bind(user)
                .fetch_all(&self.pool)
                .await?;
                let entry = |(id, records, created, expires): (String, String, i64, i64)| {
                    Ok(super::SessionEntry::new(
                        auth_identity::identity::CredentialId::new(id)?,
                        records,
                        $crate::session::sql::from_column(created),
                        $crate::session::sql::from_column(expires),
                    ))
                };
                rows.into_iter().map(entry).collect()
            }
        }
    };
}

pub(super) use database;

use auth_identity::clock::UnixTime;

pub(super) fn to_column(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

pub(super) fn from_column(seconds: i64) -> UnixTime {
    UnixTime::from_secs(u64::try_from(seconds).unwrap_or(0))
}
