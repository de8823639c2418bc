//! Profiles: recorded forms of providers' responses, written by hand from their documentation, and arbitrary
//! JSON.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "profiles/arbitrary.rs"]
mod arbitrary;
#[path = "profiles/recorded.rs"]
mod recorded;
#[path = "profiles/recorded_oauth.rs"]
mod recorded_oauth;
#[path = "profiles/recorded_tokens.rs"]
mod recorded_tokens;
#[path = "profiles/support.rs"]
mod support;
