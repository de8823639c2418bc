//! Reads and writes cookies for all policies: [`CookieConfig`], [`CookieValues`].
//!
//! The header `Cookie` is parsed byte by byte: names are compared exactly and never decoded, only spaces and
//! tabs around a pair are skipped, and other cookies, however malformed, have no effect.

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
