//! Holds keys for one algorithm each: [`VerifyingKey`] and [`SigningKey`].

mod error;
mod jwk;
pub(super) mod pem;
mod prepared_key;
mod public_key;
mod rsa_requirements;
mod signing_key;
mod verifying_key;

pub use error::{JwtKeyError, JwtKeyErrorKind};
pub(super) use jwk::{Import, Kind};
pub use signing_key::SigningKey;
pub use verifying_key::VerifyingKey;
