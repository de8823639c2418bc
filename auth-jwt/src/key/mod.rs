//! Keys for one algorithm each: [`VerifyingKey`] and [`SigningKey`].

mod error;
mod jwk;
pub(super) mod pem;
mod prepared_key;
mod public;
mod rsa_requirements;
mod signing;
mod verifying;

pub use error::{JwtKeyError, JwtKeyErrorKind};
pub(super) use jwk::{Import, Kind};
pub use signing::SigningKey;
pub use verifying::VerifyingKey;
