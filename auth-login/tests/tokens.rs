//! Kept tokens: refreshed once for all, encrypted, and sent to the provider's API only.
#![cfg(all(feature = "cache", feature = "postgres", feature = "sqlite"))]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

#[path = "support/databases.rs"]
mod databases;
#[path = "tokens/profiles.rs"]
mod profiles;
#[path = "tokens/provider.rs"]
mod provider;
#[path = "tokens/refresh.rs"]
mod refresh;
#[path = "tokens/stores.rs"]
mod stores;
