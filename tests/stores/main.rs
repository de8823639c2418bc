//! What instances share and remember: revocation lists, key stores, caches, watched sessions.

#[cfg(feature = "full")]
mod caches;
#[cfg(feature = "full")]
#[path = "../support/ready.rs"]
mod ready;
#[cfg(feature = "full")]
#[path = "../support/redis_server.rs"]
mod redis_server;
mod revocation;
#[cfg(feature = "full")]
mod revocation_redis;
#[cfg(feature = "full")]
mod shared_keys;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "full")]
#[expect(dead_code, reason = "only the certificates are needed")]
#[path = "../support/tls.rs"]
mod tls;
#[cfg(feature = "full")]
mod watch;
