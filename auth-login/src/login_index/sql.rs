//! Holds the SQL of indexes of log-ins that SQLite and PostgreSQL share.

use std::time::Duration;

use auth_runtime::{BoxError, clock::UnixTime, identity::CredentialId};

use super::LoginRecord;

/// How long a statement may take, waiting for a connection included.
const DEADLINE: Duration = Duration::from_secs(5);

pub(super) const PRUNE: &str = "DELETE FROM auth_login_logins WHERE ends <= $1";
pub(super) const RECORD: &str =
    "INSERT INTO auth_login_logins (id, provider, issuer, subject, account, session, hint, ends)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE (SELECT COUNT(*) FROM auth_login_logins
     WHERE issuer = $3 AND subject = $4 AND id <> $9) < $10";
pub(super) const KEEP: &str = "UPDATE auth_login_logins SET ends = $2 WHERE id = $1 AND ends > $3";
pub(super) const REMOVE: &str = "DELETE FROM auth_login_logins WHERE id = $1";
pub(super) const FIND_LOGIN: &str = "SELECT id, provider, issuer, subject, account, session, hint
     FROM auth_login_logins WHERE id = $1 AND ends > $2";
pub(super) const FIND_SESSION: &str = "SELECT id, provider, issuer, subject, account, session, hint
     FROM auth_login_logins WHERE issuer = $1 AND session = $2 AND ends > $3";
pub(super) const FIND_SUBJECT: &str = "SELECT id, provider, issuer, subject, account, session, hint
     FROM auth_login_logins WHERE issuer = $1 AND subject = $2 AND ends > $3";
pub(super) const FIND_ACCOUNT: &str = "SELECT id, provider, issuer, subject, account, session, hint
     FROM auth_login_logins WHERE issuer = $1 AND account = $2 AND ends > $3";
pub(super) const PRUNE_LOGOUTS: &str = "DELETE FROM auth_login_logouts WHERE ends <= $1";
pub(super) const LAST_LOGOUT: &str = "SELECT COALESCE(MAX(number), 0) FROM auth_login_logouts";
pub(super) const NOTE_LOGOUT: &str = "INSERT INTO auth_login_logouts (name, ends) VALUES ($1, $2)";
/// Without a session at the provider, one of the names is there twice.
pub(super) const HAS_LOGGED_OUT: &str =
    "SELECT COUNT(*) FROM auth_login_logouts WHERE name IN ($1, $2, $3, $4) AND number > $5";

/// The columns of a log-in, the encrypted `id_token` last.
pub(super) type Row = (String, String, String, String, String, Option<String>, Option<String>);

/// Returns a log-in without its `id_token`.
pub(super) fn record(row: Row) -> Result<(LoginRecord, Option<String>), BoxError> {
    let (id, provider, issuer, subject, account, session, hint) = row;
    let login = LoginRecord::new(CredentialId::new(id)?, &provider, &issuer, &subject);
    Ok((LoginRecord { account, session, ..login }, hint))
}

/// Returns the names of all log-outs that are about a log-in.
pub(super) fn names(login: &LoginRecord) -> [String; 4] {
    let mut names = login.ended_by().map(|what| what.key());
    let own = names.next().unwrap_or_default();
    let mut next = || names.next().unwrap_or_else(|| own.clone());
    let others = [next(), next(), next()];
    let [subject, account, session] = others;
    [own, subject, account, session]
}

pub(super) fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// Waits for the database, but not for long: a log-out of the provider is waiting.
pub(super) async fn call<T>(query: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, BoxError> {
    Ok(tokio::time::timeout(DEADLINE, query).await??)
}

/// Implements [`LoginIndex`](super::LoginIndex) for a struct with `pool`, `cipher`, `capacity` and `clock`.
macro_rules! sql_login_index {
    ($name:ident, $pool:ty) => {
        impl $name {
            /// Returns the index in this database. The keys encrypt the `id_token`s; all instances share
            /// them.
            #[must_use]
            pub fn new(pool: $pool, keys: auth_runtime::KeyRing) -> Self {
                Self {
                    pool,
                    cipher: super::id_token_cipher::IdTokenCipher::new(keys),
                    capacity: super::CAPACITY,
                    clock: std::sync::Arc::new(auth_runtime::clock::SystemClock),
                }
            }

            /// Sets how many log-ins one user of a provider may have at a time. The default is 1,000. A
            /// log-in beyond that fails.
            #[must_use]
            pub const fn with_capacity(mut self, logins: u32) -> Self {
                self.capacity = logins;
                self
            }

            /// Tells the time by another clock.
            #[must_use]
            pub fn with_clock(mut self, clock: impl auth_runtime::clock::Clock) -> Self {
                self.clock = std::sync::Arc::new(clock);
                self
            }

            fn now(&self) -> i64 {
                super::sql::seconds(self.clock.now())
            }
        }

        #[auth_runtime::async_trait]
        impl super::LoginIndex for $name {
            async fn record(
                &self,
                login: &super::LoginRecord,
                replaced: Option<&auth_runtime::identity::CredentialId>,
                until: auth_runtime::clock::UnixTime,
            ) -> Result<(), auth_runtime::BoxError> {
                use super::sql;
                let hint = self.cipher.seal(self.clock.now(), login)?;
                sql::call(sqlx::query(sql::PRUNE).bind(self.now()).execute(&self.pool)).await?;
                let query = sqlx::query(sql::RECORD)
                    .bind(login.login.as_str())
                    .bind(&login.provider)
                    .bind(&login.issuer)
                    .bind(&login.subject)
                    .bind(&login.account)
                    .bind(login.session.as_deref())
                    .bind(hint)
                    .bind(sql::seconds(until))
                    // No id is empty.
                    .bind(replaced.map_or("", |id| id.as_str()))
                    .bind(i64::from(self.capacity));
                if sql::call(query.execute(&self.pool)).await?.rows_affected() == 0 {
                    return Err(super::TooManyLogins.into());
                }
                Ok(())
            }

            async fn keep(
                &self,
                login: &auth_runtime::identity::CredentialId,
                until: auth_runtime::clock::UnixTime,
            ) -> Result<bool, auth_runtime::BoxError> {
                use super::sql;
                let query = sqlx::query(sql::KEEP).bind(login.as_str()).bind(sql::seconds(until));
                let query = query.bind(self.now()).execute(&self.pool);
                Ok(sql::call(query).await?.rows_affected() > 0)
            }

            async fn find(
                &self,
                what: &super::LoggedOut,
            ) -> Result<Vec<super::LoginRecord>, auth_runtime::BoxError> {
                use super::{LoggedOut, sql};
                let query = match what {
                    LoggedOut::Login(id) => sqlx::query_as(sql::FIND_LOGIN).bind(id.as_str()),
                    LoggedOut::Session { issuer, session } => {
                        sqlx::query_as(sql::FIND_SESSION).bind(issuer).bind(session)
                    }
                    LoggedOut::Subject { issuer, subject } => {
                        sqlx::query_as(sql::FIND_SUBJECT).bind(issuer).bind(subject)
                    }
                    LoggedOut::Account { issuer, subject } => {
                        sqlx::query_as(sql::FIND_ACCOUNT).bind(issuer).bind(subject)
                    }
                };
                let rows: Vec<sql::Row> = sql::call(query.bind(self.now()).fetch_all(&self.pool)).await?;
                let read = |row| {
                    let (login, hint) = sql::record(row)?;
                    Ok(self.cipher.open(self.clock.now(), login, hint.as_deref()))
                };
                rows.into_iter().map(read).collect()
            }

            async fn remove(
                &self,
                login: &auth_runtime::identity::CredentialId,
            ) -> Result<(), auth_runtime::BoxError> {
                use super::sql;
                let query = sqlx::query(sql::REMOVE).bind(login.as_str());
                sql::call(query.execute(&self.pool)).await.map(|_| ())
            }

            async fn last_logout(&self) -> Result<u64, auth_runtime::BoxError> {
                use super::sql;
                let query = sqlx::query_scalar::<_, i64>(sql::LAST_LOGOUT);
                Ok(u64::try_from(sql::call(query.fetch_one(&self.pool)).await?)?)
            }

            async fn note_logout(
                &self,
                what: &super::LoggedOut,
                until: auth_runtime::clock::UnixTime,
            ) -> Result<(), auth_runtime::BoxError> {
                use super::sql;
                let ended = sqlx::query(sql::PRUNE_LOGOUTS).bind(self.now());
                sql::call(ended.execute(&self.pool)).await?;
                let query = sqlx::query(sql::NOTE_LOGOUT).bind(what.key()).bind(sql::seconds(until));
                sql::call(query.execute(&self.pool)).await.map(|_| ())
            }

            async fn has_logged_out(
                &self,
                login: &super::LoginRecord,
                since: u64,
            ) -> Result<bool, auth_runtime::BoxError> {
                use super::sql;
                let mut query = sqlx::query_scalar::<_, i64>(sql::HAS_LOGGED_OUT);
                for name in sql::names(login) {
                    query = query.bind(name);
                }
                let query = query.bind(i64::try_from(since).unwrap_or(i64::MAX));
                Ok(sql::call(query.fetch_one(&self.pool)).await? > 0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("capacity", &self.capacity).finish_non_exhaustive()
            }
        }
    };
}

pub(super) use sql_login_index;
