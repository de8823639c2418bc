//! Passwords and their hashes: [`Password`] and [`Passwords`].

#[cfg(feature = "password")]
mod error;
#[cfg(feature = "password")]
mod hashing;
#[cfg(feature = "password")]
mod passwords;
mod text;

#[cfg(feature = "password")]
pub use error::{PasswordError, PasswordErrorKind};
#[cfg(feature = "password")]
pub use passwords::{PasswordMatch, Passwords};
pub use text::{InvalidPassword, Password};
