//! What stores of accounts promise: in memory, in SQLite and in PostgreSQL alike.
#![cfg(all(feature = "postgres", feature = "sqlite"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "support/databases.rs"]
mod databases;
#[path = "accounts/fresh_user.rs"]
mod fresh_user;
#[path = "accounts/races.rs"]
mod races;
#[path = "accounts/rules.rs"]
mod rules;
#[path = "accounts/stores.rs"]
mod stores;
