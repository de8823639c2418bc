//! OAuth 1.0a: the vectors of RFC 5849 and of providers, and the whole flow against a server that checks
//! signatures.
#![cfg(feature = "oauth1")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "oauth1/flow.rs"]
mod flow;
#[path = "oauth1/peer.rs"]
mod peer;
#[path = "oauth1/server.rs"]
mod server;
#[path = "oauth1/vectors.rs"]
mod vectors;
