//! Log-ins of an application with a fake provider, from the start to the session.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test stops where it finds what it does not expect"
)]

#[cfg(feature = "cache")]
mod accounts;
mod attacks;
mod browser;
mod csrf;
#[cfg(all(feature = "postgres", feature = "redis", feature = "sqlite"))]
#[path = "../support/databases.rs"]
mod databases;
mod descriptors;
mod example;
mod flow;
mod hostile;
#[cfg(all(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod index;
mod instances;
mod keys;
mod linking;
mod logout;
mod logout_at_provider;
mod logout_failures;
mod logout_races;
mod logout_setup;
#[cfg(feature = "oauth1")]
mod oauth1;
mod oauth2;
mod outages;
mod peer;
mod provider_errors;
#[cfg(all(feature = "postgres", feature = "redis", feature = "sqlite"))]
#[path = "../support/redis.rs"]
mod redis;
#[cfg(all(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod replay;
mod secrets;
mod setup;
#[cfg(all(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod shared_stores;
mod step_up;
