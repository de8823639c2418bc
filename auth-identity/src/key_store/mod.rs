//! Keys that several instances share through a store: [`SharedKeyRing`].
//!
//! A store holds one small document and replaces it by compare-and-swap; see [`KeyStore`]. [`SharedKeyRing`]
//! reads it, and publishes new keys in it before any instance signs with them.

mod document;
mod error;
mod memory;
mod refresh_task;
mod shared_key_ring;
mod store;
mod sync;

pub use error::{KeyStoreError, KeyStoreErrorKind};
pub use memory::MemoryKeyStore;
pub use refresh_task::KeepFresh;
pub use shared_key_ring::SharedKeyRing;
pub use store::{KeyStore, StoredKeys};
