//! Log-in with other identity providers for axum: OpenID Connect, OAuth 2, OAuth 1.0a.
#![forbid(unsafe_code)]
