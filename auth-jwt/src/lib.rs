//! Verifies, issues and refreshes JSON Web Tokens (RFC 7519), and manages their keys.
//!
//! This crate is re-exported by [`auth-runtime`](https://docs.rs/auth-runtime) as `auth_runtime::jwt`; the examples are
//! written for an application that depends on it. Depend on this crate in a library that implements a [`KeySource`], a
//! [`RefreshStore`] or a [`ReplayCache`].
//!
//! A key is for one [`Algorithm`]. The key decides the algorithm of a token, never the token itself
//! (algorithm confusion). The rules are those of RFC 8725; anything unusual is rejected.
//!
//! | keys come from | see |
//! |---|---|
//! | a secret, a PEM file, a JWK | [`VerifyingKey`], [`SigningKey`] |
//! | several of them, or a JWK set | [`KeySet`] |
//! | an issuer's address | `RemoteJwks`, with the feature `jwks` |
//! | the application's own [`KeyRing`](auth_identity::KeyRing) | [`RingKeys`] |
//! | anywhere else | [`KeySource`] |
//!
//! | tokens are | see |
//! |---|---|
//! | credentials of requests | [`BearerJwt`] |
//! | a source of groups | [`ClaimGroups`] |
//! | verified elsewhere | [`JwtVerifier`], [`VerifiedClaims`] |
//! | issued | [`JwtIssuer`] |
//! | refreshed | [`RefreshTokens`] |
//! | bound to a key of their client | [`Dpop`], [`BearerJwt::with_client_certificates`] |
//! | one-time tokens | [`BearerJwt::with_single_use`], [`ReplayCache`] |
//!
//! # Features
//!
//! | name | what it adds |
//! |---|---|
//! | `jwks` | the keys of other issuers, fetched from their addresses |
//! | `metrics` | counters of checks with keys of a ring |
//! | `redis` | refresh tokens and one-time use that instances share |

#![forbid(unsafe_code)]
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod algorithm;
mod base64url;
mod bearer;
mod claim_groups;
pub(crate) mod compact_serialization;
mod config_error;
mod dpop;
mod error;
mod events;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod issue;
mod jose_header;
#[cfg(feature = "jwks")]
pub mod jwks;
mod jwt_verifier;
mod key;
mod key_set;
mod key_source;
#[cfg(all(test, feature = "metrics"))]
#[path = "../../auth-identity/src/keys/test_metrics.rs"]
mod numbers;
mod refresh;
mod registered_claims;
mod replay;
mod ring_keys;
pub(crate) mod strict_json;
mod token_endpoint_responses;
mod validate_claims;
mod verified_claims;
#[cfg(test)]
mod wycheproof_tests;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use bearer::{
    AuthorizationHeader, BearerJwt, CookieToken, IdentityMapper, Presented, TokenGetter, WebSocketProtocol,
    WebSocketQuery,
};
pub use claim_groups::ClaimGroups;
pub use config_error::{JwtConfigError, JwtConfigErrorKind};
pub use dpop::Dpop;
pub use error::{JwtError, JwtErrorKind};
pub use issue::{AccessToken, IssueError, IssueErrorKind, IssuedToken, JwtIssuer, JwtSigner, TokenResponse};
#[cfg(feature = "jwks")]
pub use jwks::RemoteJwks;
pub use jwt_verifier::JwtVerifier;
pub use key::{JwtKeyError, JwtKeyErrorKind, SigningKey, VerifyingKey};
pub use key_set::{JwkSetError, KeySet};
pub use key_source::{Found, KeySource};
#[cfg(feature = "redis")]
pub use refresh::RedisRefreshStore;
pub use refresh::{
    FamilyId, Grant, MemoryRefreshStore, RefreshError, RefreshErrorKind, RefreshFamily, RefreshStore,
    RefreshToken, RefreshTokens, Refreshed, TokenHash, TokenSalt,
};
#[cfg(feature = "redis")]
pub use replay::RedisReplayCache;
pub use replay::{MemoryReplayCache, ReplayCache, TokenUse};
pub use ring_keys::RingKeys;
pub use verified_claims::VerifiedClaims;

/// The README's example is compiled with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
