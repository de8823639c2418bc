//! Keys that several machines share through a store.
//!
//! A store keeps one small document, and replaces it only if nobody else did so meanwhile; see [`KeyStore`].
//! [`SharedKeyRing`] reads it, and announces new keys in it before any machine signs with them.

mod document;
mod error;
mod fresh;
mod memory;
mod reader;
mod shared;
mod store;

pub use error::{KeyStoreError, KeyStoreErrorKind};
pub use fresh::KeepFresh;
pub use memory::MemoryKeyStore;
pub use shared::SharedKeyRing;
pub use store::{KeyStore, StoredKeys};
