//! Shares keys between instances through a store: [`SharedKeyRing`].
//!
//! | store | feature | shared by |
//! |---|---|---|
//! | [`MemoryKeyStore`] | `key-store` | one process |
//! | `FileKeyStore` | `key-store-file` | the processes of one user on one host (Unix) |
//! | `SqliteKeyStore` | `key-store-sqlite` | the processes that share the database file |
//! | `PostgresKeyStore` | `key-store-postgres` | any number of instances |
//! | `RedisKeyStore` | `key-store` and `redis` | any number of instances |
//!
//! A store holds one small document and replaces it by compare-and-swap; see [`KeyStore`]. [`SharedKeyRing`]
//! reads it, and publishes new keys in it before any instance signs with them.

mod error;
#[cfg(all(unix, feature = "key-store-file"))]
mod file_key_store;
mod key_store_trait;
mod memory_key_store;
#[cfg(feature = "redis")]
mod redis_key_store;
mod refresh_task;
mod shared_key_ring;
#[cfg(any(feature = "key-store-postgres", feature = "key-store-sqlite"))]
mod sql_key_stores;
mod store_sync;
mod stored_document;

pub use error::{KeyStoreError, KeyStoreErrorKind};
#[cfg(all(unix, feature = "key-store-file"))]
pub use file_key_store::FileKeyStore;
pub use key_store_trait::{KeyStore, StoredKeys};
pub use memory_key_store::MemoryKeyStore;
#[cfg(feature = "redis")]
pub use redis_key_store::RedisKeyStore;
pub use refresh_task::KeepFresh;
pub use shared_key_ring::SharedKeyRing;
#[cfg(feature = "key-store-postgres")]
pub use sql_key_stores::PostgresKeyStore;
#[cfg(feature = "key-store-sqlite")]
pub use sql_key_stores::SqliteKeyStore;
