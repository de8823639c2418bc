//! Caches used `jti`s in a database that several instances share: `SqliteReplayCache` and
//! `PostgresReplayCache`.
//!
//! They are for [`Logins::with_replay_cache`](crate::Logins::with_replay_cache): each attempt to log in, and
//! each `logout_token`, is used once among all instances. [`BearerJwt`](auth_runtime::jwt::BearerJwt) takes
//! them, too.

#[cfg(feature = "postgres")]
mod postgres;
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "postgres")]
pub use postgres::PostgresReplayCache;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteReplayCache;
