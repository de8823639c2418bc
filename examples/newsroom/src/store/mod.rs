//! Database of the newsroom, SQLite or PostgreSQL: [`Store`].
//!
//! The application's own queries are written once, for sqlx's `Any` driver: parameters are `$1`, `$2`, …,
//! which both databases read. The library's stores (sessions, identities at providers) have a driver for
//! each.

pub(crate) mod condition;
pub(crate) mod demo;
pub(crate) mod id;
pub(crate) mod redis;

use std::{str::FromStr as _, time::Duration};

use auth_runtime::{BoxError, Key, KeyRing, SessionIdentity};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sqlx::{
    AnyPool, PgPool, SqlitePool,
    any::{AnyPoolOptions, install_default_drivers},
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};

const SCHEMA: &str = include_str!("../../schema.sql");

/// How often tables are created again: two instances that start at once may disturb each other.
const ATTEMPTS: usize = 5;

/// A handle to the database.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    /// For the queries of the application
    pub(crate) pool: AnyPool,
    /// For the stores of the library
    pub(crate) native: Native,
}

/// A pool of connections with the driver of the database.
#[derive(Clone, Debug)]
pub(crate) enum Native {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Store {
    /// Opens the database, and creates what is missing. A query waits this long for a connection: the default of
    /// the pools would keep requests for half a minute while the database is down.
    pub(crate) async fn open(address: &str, deadline: Duration) -> Result<Self, BoxError> {
        install_default_drivers();
        let native = if address.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(address)?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal);
            Native::Sqlite(SqlitePoolOptions::new().acquire_timeout(deadline).connect_with(options).await?)
        } else if address.starts_with("postgres:") || address.starts_with("postgresql:") {
            Native::Postgres(PgPoolOptions::new().acquire_timeout(deadline).connect(address).await?)
        } else {
            return Err("the address of the database begins with neither `sqlite:` nor `postgres:`".into());
        };
        let options = AnyPoolOptions::new().max_connections(16).acquire_timeout(deadline);
        let store = Self { pool: options.connect(address).await?, native };
        store.create_tables().await?;
        Ok(store)
    }

    async fn create_tables(&self) -> Result<(), sqlx::Error> {
        let mut attempt = 1;
        loop {
            match sqlx::raw_sql(SCHEMA).execute(&self.pool).await {
                Ok(_) => return Ok(()),
                Err(error) if attempt == ATTEMPTS => return Err(error),
                Err(_) => attempt = attempt.saturating_add(1),
            }
        }
    }

    /// Returns sessions in this database.
    pub(crate) async fn session_identity(&self) -> Result<SessionIdentity, BoxError> {
        let policy = match &self.native {
            Native::Sqlite(pool) => SessionIdentity::sqlite(pool.clone()),
            Native::Postgres(pool) => SessionIdentity::postgres(pool.clone()),
        };
        policy.migrate().await?;
        Ok(policy.with_application("newsroom"))
    }

    /// Returns the keys that all instances of this database have: those of `root`, or of a key that is made
    /// at the first start and kept in the database.
    ///
    /// A key in the database is convenient, and known to everyone who reads a backup. Set `ROOT_KEY` where
    /// that matters.
    pub(crate) async fn key_ring(&self, root: Option<&str>) -> Result<KeyRing, BoxError> {
        if let Some(root) = root {
            return Ok(KeyRing::new(Key::from_base64(root)?));
        }
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)?;
        sqlx::query("INSERT INTO root_keys (id, value) VALUES ('root', $1) ON CONFLICT DO NOTHING")
            .bind(STANDARD.encode(bytes))
            .execute(&self.pool)
            .await?;
        let (kept,): (String,) =
            sqlx::query_as("SELECT value FROM root_keys WHERE id = 'root'").fetch_one(&self.pool).await?;
        Ok(KeyRing::new(Key::from_base64(&kept)?))
    }
}
