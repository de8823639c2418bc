//! Log-in with other identity providers for axum: OpenID Connect, OAuth 2, OAuth 1.0a.
//!
//! | about | see |
//! |---|---|
//! | what tells one provider from another | [`descriptor`] |
//! | the providers that this crate knows | [`providers`] |
//! | who logged in: account key, e-mail address, names | [`profile`] |
//! | OAuth 1.0a | the feature `oauth1` |
#![forbid(unsafe_code)]

pub mod descriptor;
#[cfg(feature = "oauth1")]
pub mod oauth1;
pub mod profile;
pub mod providers;

/// The examples of the README are compiled with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
