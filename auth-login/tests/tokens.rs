//! Kept tokens: refreshed once for all, encrypted, and sent to the provider's API only.
#![cfg(all(feature = "cache", feature = "postgres", feature = "sqlite"))]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

#[path = "tokens/counting_provider.rs"]
mod counting_provider;
#[path = "support/databases.rs"]
mod databases;
#[path = "tokens/every_token_store.rs"]
mod every_token_store;
#[path = "tokens/profile_cache.rs"]
mod profile_cache;
#[path = "tokens/refresh_once.rs"]
mod refresh_once;
