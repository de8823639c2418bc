//! The programs of `examples/`, whose `main` no test calls.

#![expect(dead_code, reason = "no test calls `main`")]

#[cfg(feature = "full")]
#[path = "../../examples/article-list/src/main.rs"]
pub(crate) mod article_list;
#[path = "../../examples/custom-policy/src/main.rs"]
pub(crate) mod custom_policy;
#[path = "../../examples/hello-guard/src/main.rs"]
pub(crate) mod hello_guard;
#[cfg(feature = "full")]
#[path = "../../examples/jwks-resource-server/src/main.rs"]
pub(crate) mod jwks_resource_server;
#[cfg(feature = "full")]
#[path = "../../examples/jwt-api/src/main.rs"]
pub(crate) mod jwt_api;
#[cfg(feature = "full")]
#[path = "../../examples/live-feed/src/main.rs"]
pub(crate) mod live_feed;
#[path = "../../examples/page-gate/src/main.rs"]
pub(crate) mod page_gate;
#[cfg(feature = "full")]
#[path = "../../examples/sessions-sqlite/src/main.rs"]
pub(crate) mod sessions_sqlite;
#[cfg(feature = "full")]
#[path = "../../examples/two-instances/src/main.rs"]
pub(crate) mod two_instances;
