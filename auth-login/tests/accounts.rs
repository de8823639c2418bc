//! What stores of accounts promise: in memory, in SQLite and in PostgreSQL alike.
#![cfg(all(feature = "postgres", feature = "sqlite"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "support/databases.rs"]
mod databases;
#[path = "accounts/every_account_store.rs"]
mod every_account_store;
#[path = "accounts/identity_ownership.rs"]
mod identity_ownership;
#[path = "accounts/reauthenticated_user.rs"]
mod reauthenticated_user;
#[path = "accounts/simultaneous_requests.rs"]
mod simultaneous_requests;
