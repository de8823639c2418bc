//! Fuzz targets for every parser of external input. Each check panics if its property does not hold, and
//! returns whether the input was accepted.
//!
//! `tests/identities/fuzz_targets.rs` includes this file and runs the checks on stable Rust.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a check stops where something does not hold"
)]

pub mod authorization_header;
pub mod client_address;
pub mod cookie_header;
pub mod discovery;
pub mod encrypted_cookie;
pub mod interval;
mod json;
pub mod jwk_set;
pub mod jwt;
pub mod legacy_ticket;
pub mod local_path;
pub mod names;
mod request_parts;
pub mod site;
pub mod ticket;
pub mod token_response;
