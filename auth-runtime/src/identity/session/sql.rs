//! What SQLite and PostgreSQL have in common: the index of users, in a table.

/// Implements the index for a struct with a `pool`; the databases' types differ, their SQL does not.
macro_rules! impl_index {
    ($index:ident) => {
        impl $index {
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

            async fn drop_expired(&self, now: crate::clock::UnixTime) -> Result<(), sqlx::Error> {
                sqlx::query("delete from auth_session_index where expires <= $1")
                    .bind($crate::identity::session::sql::to_column(now))
                    .execute(&self.pool)
                    .await?;
                Ok(())
            }
        }

        #[async_trait::async_trait]
        impl super::SessionIndex for $index {
            async fn add(&self, user: &str, entry: &super::SessionEntry) -> Result<(), crate::BoxError> {
                sqlx::query(
                    "insert into auth_session_index (user_key, id, records, created, expires) \
                     values ($1, $2, $3, $4, $5) on conflict (user_key, id) do nothing",
                )
                .bind(user)
                .bind(entry.id().as_str())
                .bind(entry.records())
                .bind($crate::identity::session::sql::to_column(entry.created()))
                .bind($crate::identity::session::sql::to_column(entry.expires()))
                .execute(&self.pool)
                .await?;
                Ok(())
            }

            async fn remove(
                &self,
                user: &str,
                id: &crate::identity::CredentialId,
            ) -> Result<(), crate::BoxError> {
                sqlx::query("delete from auth_session_index where user_key = $1 and id = $2")
                    .bind(user)
                    .bind(id.as_str())
                    .execute(&self.pool)
                    .await?;
                Ok(())
            }

            async fn list(&self, user: &str) -> Result<Vec<super::SessionEntry>, crate::BoxError> {
                let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
                    "select id, records, created, expires from auth_session_index where user_key = $1",
                )
                .bind(user)
                .fetch_all(&self.pool)
                .await?;
                let entry = |(id, records, created, expires): (String, String, i64, i64)| {
                    Ok(super::SessionEntry::new(
                        crate::identity::CredentialId::new(id)?,
                        records,
                        $crate::identity::session::sql::from_column(created),
                        $crate::identity::session::sql::from_column(expires),
                    ))
                };
                rows.into_iter().map(entry).collect()
            }
        }
    };
}

pub(super) use impl_index;

use crate::clock::UnixTime;

pub(super) fn to_column(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

pub(super) fn from_column(seconds: i64) -> UnixTime {
    UnixTime::from_secs(u64::try_from(seconds).unwrap_or(0))
}
