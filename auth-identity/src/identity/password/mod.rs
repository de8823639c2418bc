//! Hashes passwords for storage, and verifies them: `PasswordHasher` and [`Password`].

#[cfg(feature = "password")]
mod argon2id;
#[cfg(feature = "password")]
mod error;
#[cfg(feature = "password")]
mod password_hasher;
mod plaintext_password;

#[cfg(feature = "password")]
pub use error::{PasswordError, PasswordErrorKind};
#[cfg(feature = "password")]
pub use password_hasher::{PasswordHasher, PasswordMatch};
pub use plaintext_password::{InvalidPassword, Password};
