//! Shares keys between instances through a store: [`SharedKeyRing`].
//!
//! A store holds one small document and replaces it by compare-and-swap; see [`KeyStore`]. [`SharedKeyRing`]
//! reads it, and publishes new keys in it before any instance signs with them.

mod error;
mod key_store_trait;
mod memory_key_store;
mod refresh_task;
mod shared_key_ring;
mod store_sync;
mod stored_document;

pub use error::{KeyStoreError, KeyStoreErrorKind};
pub use key_store_trait::{KeyStore, StoredKeys};
pub use memory_key_store::MemoryKeyStore;
pub use refresh_task::KeepFresh;
pub use shared_key_ring::SharedKeyRing;
