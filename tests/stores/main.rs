//! What instances share and remember: revocation lists, key stores and caches.

#[cfg(feature = "full")]
mod audit_log;
#[cfg(feature = "full")]
mod group_and_user_caches;
#[cfg(feature = "full")]
mod key_stores;
#[cfg(feature = "full")]
mod overlay_sources;
#[cfg(feature = "full")]
#[path = "../support/poll_once.rs"]
mod poll_once;
#[cfg(feature = "full")]
#[path = "../support/postgres_server.rs"]
mod postgres_server;
#[cfg(feature = "full")]
#[path = "../support/redis_server.rs"]
mod redis_server;
mod revocation;
#[cfg(feature = "full")]
mod revocation_redis;
#[cfg(feature = "full")]
#[path = "../support/services.rs"]
mod services;
#[cfg(feature = "full")]
mod shared_key_ring;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "full")]
#[expect(dead_code, reason = "a method is for other tests")]
#[path = "../../auth-identity/src/keys/test_metrics.rs"]
mod test_metrics;
#[cfg(feature = "full")]
mod throttle_stores;
#[cfg(feature = "full")]
#[expect(dead_code, reason = "only the certificates are needed")]
#[path = "../support/tls.rs"]
mod tls;
