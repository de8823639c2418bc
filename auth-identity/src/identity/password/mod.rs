//! Passwords and their hashes: [`Password`] and `PasswordHasher`.

#[cfg(feature = "password")]
mod error;
#[cfg(feature = "password")]
mod hasher;
#[cfg(feature = "password")]
mod hashing;
mod text;

#[cfg(feature = "password")]
pub use error::{PasswordError, PasswordErrorKind};
#[cfg(feature = "password")]
pub use hasher::{PasswordHasher, PasswordMatch};
pub use text::{InvalidPassword, Password};
