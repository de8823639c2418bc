//! JSON Web Tokens (RFC 7519): verification, issuing and refreshing, and their keys.
//!
//! A key is for one [`Algorithm`]. The key decides the algorithm of a token, never the token itself
//! (algorithm confusion). The rules are those of RFC 8725; anything unusual is rejected.
//!
//! | keys come from | see |
//! |---|---|
//! | a secret, a PEM file, a JWK | [`VerifyingKey`], [`SigningKey`] |
//! | several of them, or a JWK set | [`KeySet`] |
//! | an issuer's address | `RemoteJwks`, with the feature `jwks` |
//! | the application's own [`KeyRing`](crate::KeyRing) | [`RingKeys`] |
//! | anywhere else | [`KeySource`] |
//!
//! | tokens are | see |
//! |---|---|
//! | credentials of requests | [`BearerJwt`] |
//! | verified elsewhere | [`JwtVerifier`], [`VerifiedClaims`] |
//! | issued | [`JwtIssuer`] |
//! | refreshed | [`RefreshTokens`] |
//! | one-time tokens | [`BearerJwt::with_single_use`], [`ReplayCache`] |

mod algorithm;
mod base64url;
mod bearer;
mod claims;
pub(crate) mod compact;
mod config_error;
mod error;
mod header;
mod issue;
pub(crate) mod json;
#[cfg(feature = "jwks")]
pub mod jwks;
mod key;
mod key_set;
#[cfg(all(test, feature = "metrics"))]
#[path = "../../../auth-identity/src/keys/numbers.rs"]
mod numbers;
mod refresh;
mod registered;
mod replay;
mod ring_keys;
mod rules;
mod source;
mod verifier;
#[cfg(test)]
mod wycheproof;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use bearer::{
    AuthorizationHeader, BearerJwt, CookieToken, IdentityMapper, Presented, TokenGetter, WebSocketQuery,
};
pub use claims::VerifiedClaims;
pub use config_error::{JwtConfigError, JwtConfigErrorKind};
pub use error::{JwtError, JwtErrorKind};
pub use issue::{AccessToken, IssueError, IssueErrorKind, IssuedToken, JwtIssuer, JwtSigner, TokenResponse};
#[cfg(feature = "jwks")]
pub use jwks::RemoteJwks;
pub use key::{JwtKeyError, JwtKeyErrorKind, SigningKey, VerifyingKey};
pub use key_set::{JwkSetError, KeySet};
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
pub use source::{Found, KeySource};
pub use verifier::JwtVerifier;
