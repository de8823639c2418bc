//! Reads and writes cookies for all policies: [`CookieConfig`], [`CookieValues`].
//!
//! The header `Cookie` is parsed byte by byte: names are compared exactly and never decoded, only spaces and
//! tabs around a pair are skipped, and other cookies, however malformed, have no effect.

pub(crate) mod config;
pub(crate) mod duplicate_cookies;
mod error;
mod options;
mod reader;

pub(crate) mod insecure_on_loopback;

pub(crate) use config::MAX_AGE;
pub use config::{CookieConfig, SameSite};
pub(crate) use duplicate_cookies::{MAX_CANDIDATES, MAX_READ};
pub use error::{CookieConfigError, CookieConfigErrorKind};
pub use reader::{CookieValue, CookieValues};
