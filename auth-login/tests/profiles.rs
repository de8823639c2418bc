//! Profiles: recorded forms of providers' responses, written by hand from their documentation, and arbitrary
//! JSON.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "profiles/arbitrary_json.rs"]
mod arbitrary_json;
#[path = "profiles/check_profile.rs"]
mod check_profile;
#[path = "profiles/recorded_oauth.rs"]
mod recorded_oauth;
#[path = "profiles/recorded_openid.rs"]
mod recorded_openid;
#[path = "profiles/recorded_tokens.rs"]
mod recorded_tokens;
