//! Reads and writes cookies for all policies: [`CookieConfig`], [`CookieValues`].
//!
//! The header `Cookie` is parsed byte by byte: names are compared exactly and never decoded, only spaces and
//! tabs around a pair are skipped, and other cookies, however malformed, have no effect.

pub(crate) mod cookie_config;
mod cookie_options_macro;
mod cookie_values;
pub(crate) mod duplicate_cookies;
mod error;

pub(crate) mod insecure_on_loopback;

pub(crate) use cookie_config::MAX_AGE;
pub use cookie_config::{CookieConfig, SameSite};
pub use cookie_values::{CookieValue, CookieValues};
pub(crate) use duplicate_cookies::{MAX_CANDIDATES, MAX_READ};
pub use error::{CookieConfigError, CookieConfigErrorKind};
