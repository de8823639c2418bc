//! JSON Web Tokens (RFC 7519): the keys that sign and verify them, and where keys come from.
//!
//! A key is for one exact [`Algorithm`], and a token is judged by the key's algorithm, never by its own word. What is
//! unusual is refused: the rules are those of RFC 8725.
//!
//! | keys come from | see |
//! |---|---|
//! | a secret, a PEM file, a JWK | [`VerifyingKey`], [`SigningKey`] |
//! | several of them, or a JWK set | [`KeySet`] |
//! | an issuer's address | `RemoteJwks`, with the feature `jwks` |
//! | anywhere else | [`KeySource`] |

mod algorithm;
mod base64url;
pub(crate) mod compact;
pub(crate) mod json;
mod key;
mod key_set;
mod source;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use key::{JwtKeyError, JwtKeyErrorKind, SigningKey, VerifyingKey};
pub use key_set::{JwkSetError, KeySet};
pub use source::{Found, KeySource};
