//! OAuth 1.0a: the vectors of RFC 5849 and of providers, and the whole flow against a server that checks
//! signatures.
#![cfg(feature = "oauth1")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "oauth1/login_with_oauth1.rs"]
mod login_with_oauth1;
#[path = "oauth1/oauthlib_server.rs"]
mod oauthlib_server;
#[path = "oauth1/signature_checking_server.rs"]
mod signature_checking_server;
#[path = "oauth1/signature_vectors.rs"]
mod signature_vectors;
