//! Authorized requests over every grant: what is sent, what becomes of each answer, and providers that fail.

mod authorized_client;
mod broken_providers;
mod dpop;
mod loopback_listener;
mod oauth_requests;
#[path = "../support/openid.rs"]
mod openid;
mod openid_provider;
mod provider_tls;
#[path = "../support/mod.rs"]
mod support;
mod terminal_interaction;
#[path = "../../../tests/support/tls.rs"]
mod tls;
mod token_authorizer;
