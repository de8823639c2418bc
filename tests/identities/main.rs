//! Identity policies: tickets and their keys, cookies, Basic, API keys, passwords, several policies side by side.

mod api_keys;
mod basic;
mod conformance;
#[cfg(feature = "full")]
mod conformance_of_all;
mod cookie;
#[path = "../support/cookie_client.rs"]
mod cookie_client;
#[cfg(feature = "full")]
mod cookie_policies;
mod credentials;
#[cfg(feature = "full")]
mod cross_use;
#[cfg(feature = "full")]
mod encrypted_cookie;
mod first_of;
#[cfg(feature = "full")]
mod first_of_data;
#[cfg(feature = "full")]
mod fuzz_targets;
#[cfg(feature = "full")]
mod hostile_credentials;
mod interval;
mod key_rotation;
mod keys;
mod legacy_ticket;
#[cfg(feature = "full")]
mod passwords;
#[path = "../support/ready.rs"]
mod ready;
#[cfg(feature = "full")]
#[path = "../support/sessions.rs"]
mod session_support;
#[path = "../support/mod.rs"]
mod support;
mod ticket;
mod ticket_cookie;
#[cfg(feature = "full")]
mod wycheproof;
