//! Cookies, as all policies that use one read and write them.
//!
//! The `Cookie` header is read here byte for byte: names are compared as they are and never decoded, only spaces
//! and tabs around a pair are skipped, and no other cookie, however malformed, changes what is found.

mod config;
mod error;
mod options;
mod reader;
mod several;

pub(crate) mod loopback;

pub(crate) use config::MAX_AGE;
#[cfg(feature = "jwt")]
pub(crate) use config::is_name;
pub use config::{CookieConfig, SameSite};
pub use error::{CookieConfigError, CookieConfigErrorKind};
pub(super) use options::cookie_options;
pub use reader::{CookieValue, CookieValues};
pub(crate) use several::{MAX_CANDIDATES, MAX_READ};
