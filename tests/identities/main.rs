//! Identity policies: tickets and their keys, cookies, Basic, API keys, passwords, several policies side by side.

mod api_keys;
mod basic_authentication;
mod conformance;
#[cfg(feature = "full")]
mod conformance_of_all;
#[path = "../support/cookie_client.rs"]
mod cookie_client;
mod cookie_headers;
#[cfg(feature = "full")]
mod credential_of_another_kind;
mod duration_syntax;
#[cfg(feature = "full")]
mod encrypted_cookie;
#[cfg(feature = "full")]
mod every_cookie_identity;
mod first_of;
#[cfg(feature = "full")]
mod first_of_data;
#[cfg(feature = "full")]
mod fuzz_targets;
mod key_rotation;
mod keys_and_key_rings;
mod legacy_ticket;
mod malformed_credentials;
#[cfg(feature = "full")]
mod malformed_credentials_first_of;
#[cfg(feature = "full")]
mod passwords;
#[path = "../support/poll_once.rs"]
mod poll_once;
#[cfg(feature = "full")]
#[path = "../support/sessions.rs"]
mod session_support;
#[path = "../support/mod.rs"]
mod support;
mod ticket;
mod ticket_cookie;
#[cfg(feature = "full")]
mod wycheproof;
