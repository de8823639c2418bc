//! Keys for one algorithm each: [`VerifyingKey`] and [`SigningKey`].

mod checker;
mod error;
mod jwk;
pub(super) mod pem;
mod public;
mod rsa;
mod signing;
mod verifying;

pub use error::{JwtKeyError, JwtKeyErrorKind};
pub(super) use jwk::{Import, Kind};
pub use signing::SigningKey;
pub use verifying::VerifyingKey;
