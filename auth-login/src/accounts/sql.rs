//! Holds the SQL of stores of accounts that SQLite and PostgreSQL share.
//!
//! An identity is a row whose primary key is issuer and subject, so the database decides who gets it. A user
//! is a row, too: what counts a user's identities locks it first.

use auth_runtime::UserId;

use super::AccountsError;

/// How often an operation is repeated that met a row on its way in or out.
pub(super) const ATTEMPTS: u32 = 5;

pub(super) const FIND: &str = "SELECT account FROM auth_login_identities WHERE issuer = $1 AND subject = $2";
pub(super) const LIST: &str =
    "SELECT issuer, subject FROM auth_login_identities WHERE account = $1 ORDER BY issuer, subject";
pub(super) const COUNT: &str = "SELECT COUNT(*) FROM auth_login_identities WHERE account = $1";
pub(super) const ADD_ACCOUNT: &str =
    "INSERT INTO auth_login_accounts (id) VALUES ($1) ON CONFLICT DO NOTHING";
pub(super) const ADD_IDENTITY: &str =
    "INSERT INTO auth_login_identities (issuer, subject, account) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
pub(super) const REMOVE_IDENTITY: &str =
    "DELETE FROM auth_login_identities WHERE issuer = $1 AND subject = $2 AND account = $3";
pub(super) const REMOVE_IDENTITIES: &str = "DELETE FROM auth_login_identities WHERE account = $1";
pub(super) const REMOVE_ACCOUNT: &str = "DELETE FROM auth_login_accounts WHERE id = $1";

pub(super) fn failed(error: sqlx::Error) -> AccountsError {
    AccountsError::unavailable(error.into())
}

pub(super) fn user(id: &str) -> Result<UserId, AccountsError> {
    UserId::new(id).map_err(|error| AccountsError::unavailable(error.into()))
}

/// Implements [`Accounts`](super::Accounts) for a struct with a `pool`, which knows how to `begin` a
/// transaction that writes and to `lock` a user's row.
macro_rules! sql_accounts {
    ($name:ident) => {
        impl $name {
            async fn owner(
                &self,
                identity: &crate::profile::AccountKey,
            ) -> Result<Option<auth_runtime::UserId>, crate::accounts::AccountsError> {
                use crate::accounts::sql;
                let query = sqlx::query_scalar::<_, String>(sql::FIND);
                let query = query.bind(identity.issuer()).bind(identity.subject());
                let found = query.fetch_optional(&self.pool).await.map_err(sql::failed)?;
                found.map(|id| sql::user(&id)).transpose()
            }

            /// Adds the identity unless it is there already; returns whether it was added.
            async fn add(
                &self,
                user: &auth_runtime::UserId,
                identity: &crate::profile::AccountKey,
            ) -> Result<bool, sqlx::Error> {
                use crate::accounts::sql;
                let mut transaction = self.begin().await?;
                sqlx::query(sql::ADD_ACCOUNT).bind(user.as_str()).execute(&mut *transaction).await?;
                let query = sqlx::query(sql::ADD_IDENTITY).bind(identity.issuer()).bind(identity.subject());
                let added = query.bind(user.as_str()).execute(&mut *transaction).await?.rows_affected();
                if added == 0 {
                    transaction.rollback().await?;
                } else {
                    transaction.commit().await?;
                }
                Ok(added > 0)
            }
        }

        #[async_trait::async_trait]
        impl crate::accounts::Accounts for $name {
            async fn find(
                &self,
                identity: &crate::profile::AccountKey,
            ) -> Result<Option<auth_runtime::UserId>, crate::accounts::AccountsError> {
                self.owner(identity).await
            }

            async fn find_or_create(
                &self,
                identity: &crate::profile::AccountKey,
            ) -> Result<auth_runtime::UserId, crate::accounts::AccountsError> {
                use crate::accounts::sql;
                let new = crate::accounts::new_user()?;
                for _ in 0..sql::ATTEMPTS {
                    if let Some(user) = self.owner(identity).await? {
                        return Ok(user);
                    }
                    if self.add(&new, identity).await.map_err(sql::failed)? {
                        return Ok(new);
                    }
                }
                Err(crate::accounts::AccountsError::unavailable("the identity comes and goes".into()))
            }

            async fn identities(
                &self,
                user: &auth_runtime::UserId,
            ) -> Result<Vec<crate::profile::AccountKey>, crate::accounts::AccountsError> {
                use crate::accounts::{AccountsError, sql};
                let query = sqlx::query_as::<_, (String, String)>(sql::LIST).bind(user.as_str());
                let rows = query.fetch_all(&self.pool).await.map_err(sql::failed)?;
                let key = |(issuer, subject): (String, String)| {
                    crate::profile::AccountKey::new(&issuer, &subject)
                        .map_err(|error| AccountsError::unavailable(error.into()))
                };
                rows.into_iter().map(key).collect()
            }

            async fn link(
                &self,
                user: &crate::accounts::ReauthenticatedUser,
                identity: &crate::profile::AccountKey,
            ) -> Result<crate::accounts::Linked, crate::accounts::AccountsError> {
                use crate::accounts::{AccountsError, AccountsErrorKind, Linked, sql};
                for _ in 0..sql::ATTEMPTS {
                    match self.owner(identity).await? {
                        Some(owner) if owner == *user.id() => return Ok(Linked::Already),
                        Some(_) => return Err(AccountsErrorKind::Taken.into()),
                        None if self.add(user.id(), identity).await.map_err(sql::failed)? => {
                            return Ok(Linked::Now);
                        }
                        None => {}
                    }
                }
                Err(AccountsError::unavailable("the identity comes and goes".into()))
            }

            async fn unlink(
                &self,
                user: &crate::accounts::ReauthenticatedUser,
                identity: &crate::profile::AccountKey,
                last: crate::accounts::LastIdentity,
            ) -> Result<(), crate::accounts::AccountsError> {
                use crate::accounts::{AccountsErrorKind, LastIdentity, sql};
                let id = user.id().as_str();
                let mut transaction = self.begin().await.map_err(sql::failed)?;
                // Two requests that unlink the last two identities would otherwise each see the other one.
                Self::lock(&mut transaction, id).await.map_err(sql::failed)?;
                let count = sqlx::query_scalar::<_, i64>(sql::COUNT).bind(id);
                let count = count.fetch_one(&mut *transaction).await.map_err(sql::failed)?;
                let query =
                    sqlx::query(sql::REMOVE_IDENTITY).bind(identity.issuer()).bind(identity.subject());
                let removed = query.bind(id).execute(&mut *transaction).await.map_err(sql::failed)?;
                if removed.rows_affected() == 0 {
                    return Err(AccountsErrorKind::NotLinked.into());
                }
                if count < 2 && last == LastIdentity::Keep {
                    // The transaction is dropped, and so rolled back.
                    return Err(AccountsErrorKind::LastIdentity.into());
                }
                transaction.commit().await.map_err(sql::failed)
            }

            async fn remove(
                &self,
                user: &auth_runtime::UserId,
            ) -> Result<(), crate::accounts::AccountsError> {
                use crate::accounts::sql;
                let id = user.as_str();
                let mut transaction = self.begin().await.map_err(sql::failed)?;
                // A link that is under way waits, or is waited for, and then removed.
                Self::lock(&mut transaction, id).await.map_err(sql::failed)?;
                for text in [sql::REMOVE_IDENTITIES, sql::REMOVE_ACCOUNT] {
                    sqlx::query(text).bind(id).execute(&mut *transaction).await.map_err(sql::failed)?;
                }
                transaction.commit().await.map_err(sql::failed)
            }
        }
    };
}
