//! Databases for tests: SQLite in a directory of its own, PostgreSQL in a schema of its own.

use std::{env, path::Path, time::Duration};

/// Returns a database in a new file, with several connections.
pub(crate) async fn sqlite(directory: &Path) -> sqlx::SqlitePool {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(directory.join("test.db"))
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_mins(1));
    sqlx::sqlite::SqlitePoolOptions::new().max_connections(8).connect_with(options).await.unwrap()
}

/// Returns a new schema of the database that `DATABASE_URL` names. Without it, what needs it is left out,
/// which is an error where `REQUIRE_SERVICES` is set.
pub(crate) async fn postgres() -> Option<sqlx::PgPool> {
    use sqlx::{Connection as _, Executor as _};

    let Ok(address) = env::var("DATABASE_URL") else {
        assert!(env::var_os("REQUIRE_SERVICES").is_none(), "set DATABASE_URL, or unset REQUIRE_SERVICES");
        eprintln!("PostgreSQL is left out: DATABASE_URL is not set");
        return None;
    };
    let mut connection = sqlx::PgConnection::connect(&address).await.unwrap();
    let mut random = [0; 8];
    getrandom::fill(&mut random).unwrap();
    let schema = format!("login_{:016x}", u64::from_be_bytes(random));
    connection.execute(format!("CREATE SCHEMA {schema}").as_str()).await.unwrap();
    let options: sqlx::postgres::PgConnectOptions = address.parse().unwrap();
    let options = options.options([("search_path", schema.as_str())]);
    Some(sqlx::postgres::PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap())
}
