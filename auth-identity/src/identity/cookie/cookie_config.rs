//! Configures the name and attributes of a policy's cookie: [`CookieConfig`].

use std::time::Duration;

use cookie::{Cookie, time};
use http::HeaderValue;

use super::{CookieConfigError, CookieConfigErrorKind as Kind};
use crate::identity::{Effects, IdentityError, http_syntax::is_token};

/// The maximum length of name and value that browsers store, in bytes.
const MAX_BYTES: usize = 4096;
/// The maximum lifetime that browsers accept for a cookie.
pub const MAX_AGE: Duration = Duration::from_hours(400 * 24);
const HOST_PREFIX: &str = "__host-";
const SECURE_PREFIX: &str = "__secure-";

/// The cross-site requests with which a browser sends a cookie.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SameSite {
    /// Top-level navigations, such as links
    #[default]
    Lax,
    /// All requests
    None,
    /// None
    Strict,
}

/// The name and attributes of a policy's cookie.
///
/// The default is `__Host-auth` with `Secure`, `HttpOnly`, `SameSite=Lax` and `Path=/`. `HttpOnly` cannot be
/// disabled.
///
/// # Example
///
/// ```
/// use auth_runtime::identity::cookie::{CookieConfig, SameSite};
///
/// let config = CookieConfig::new()
///     .with_name("__Secure-auth")?
///     .with_domain("example.com")?
///     .with_same_site(SameSite::Strict)?;
/// assert_eq!(config.name(), "__Secure-auth");
///
/// assert!(CookieConfig::new().with_domain("example.com").is_err()); // `__Host-` promises that there is none
/// # Ok::<(), auth_runtime::identity::cookie::CookieConfigError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct CookieConfig {
    name: String,
    same_site: SameSite,
    path: String,
    domain: Option<String>,
    secure: bool,
}

impl Default for CookieConfig {
    fn default() -> Self {
        Self {
            name: "__Host-auth".to_owned(),
            same_site: SameSite::Lax,
            path: "/".to_owned(),
            domain: None,
            secure: true,
        }
    }
}

impl CookieConfig {
    /// Returns the secure default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name. The default is `__Host-auth`.
    ///
    /// # Errors
    ///
    /// Fails if it is not a valid cookie name, and if its prefix contradicts the other settings.
    pub fn with_name(mut self, name: impl Into<String>) -> Result<Self, CookieConfigError> {
        self.name = name.into();
        self.checked()
    }

    /// Sets which cross-site requests carry the cookie. The default is [`SameSite::Lax`].
    ///
    /// # Errors
    ///
    /// Fails for [`SameSite::None`] if `Secure` is disabled.
    pub fn with_same_site(mut self, same_site: SameSite) -> Result<Self, CookieConfigError> {
        self.same_site = same_site;
        self.checked()
    }

    /// Sends the cookie to all hosts of a domain. By default only the host that set it gets it.
    ///
    /// # Errors
    ///
    /// Fails if it is not a valid host name, and for names with the prefix `__Host-`.
    ///
    /// # Security
    ///
    /// Every host of the domain can read and replace the cookie (cookie tossing, session fixation).
    pub fn with_domain(mut self, domain: impl Into<String>) -> Result<Self, CookieConfigError> {
        self.domain = Some(domain.into());
        self.checked()
    }

    /// Sends the cookie for this path and those below it only. The default is `/`.
    ///
    /// # Errors
    ///
    /// Fails if it is not a valid path, and for names with the prefix `__Host-`.
    pub fn with_path(mut self, path: impl Into<String>) -> Result<Self, CookieConfigError> {
        self.path = path.into();
        self.checked()
    }

    /// Disables `Secure`, for development without https, and removes the prefix `__Host-` or `__Secure-` from
    /// the name.
    ///
    /// # Errors
    ///
    /// Fails with [`SameSite::None`], for which browsers require `Secure`.
    ///
    /// # Security
    ///
    /// The cookie is then used only for requests from this host that no proxy forwarded, so that the setting
    /// cannot be left on by accident. The server has to pass on peer addresses; see
    /// [`TicketCookie::with_insecure_http_on_loopback`](crate::TicketCookie::with_insecure_http_on_loopback).
    pub fn with_insecure_http_on_loopback(mut self) -> Result<Self, CookieConfigError> {
        self.secure = false;
        for prefix in [HOST_PREFIX, SECURE_PREFIX] {
            if has_prefix(&self.name, prefix) {
                self.name = self.name.split_off(prefix.len());
            }
        }
        self.checked()
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the cookie is sent over https only.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns the cookie with this value; without a `max_age` the browser removes it when it closes.
    ///
    /// A `max_age` of more than 400 days counts as 400 days.
    ///
    /// # Errors
    ///
    /// Fails if name and value together are longer than 4,096 bytes, and if the value contains characters
    /// other than letters, digits, `.`, `_` and `-`.
    pub fn set(&self, value: &str, max_age: Option<Duration>) -> Result<Effects, IdentityError> {
        if self.name.len().saturating_add(value.len()) > MAX_BYTES {
            return Err(IdentityError::too_large("name and value of the cookie are longer than 4,096 bytes"));
        }
        if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
            return Err(IdentityError::misconfigured(
                "the cookie's value holds characters that no value of ours has",
            ));
        }
        let max_age = max_age.map(|age| age.min(MAX_AGE).as_secs());
        self.render(value, max_age).map(|line| Effects::set_cookie(self.name.as_str(), line))
    }

    /// Returns the removal of the cookie.
    ///
    /// # Errors
    ///
    /// Cannot fail in practice: the configuration was validated.
    pub fn remove(&self) -> Result<Effects, IdentityError> {
        self.removal().map(|line| Effects::set_cookie(self.name.as_str(), line))
    }

    /// Returns the header that removes the cookie.
    pub(crate) fn removal(&self) -> Result<HeaderValue, IdentityError> {
        self.render("", Some(0))
    }

    /// Returns the cookies of this name that an earlier configuration may have set: with and without the
    /// domain, for the path and for `/`.
    pub(in crate::identity) fn variants(&self) -> Vec<Self> {
        let mut variants = vec![self.clone()];
        for (domain, path) in [(&self.domain, "/"), (&None, &self.path), (&None, "/")] {
            let variant = Self { domain: domain.clone(), path: path.to_owned(), ..self.clone() };
            if !variants.contains(&variant) {
                variants.push(variant);
            }
        }
        variants
    }

    /// Returns the cookie, with `Secure` only if the other has it.
    pub(in crate::identity) fn as_secure_as(&self, other: &Self) -> Self {
        Self { secure: other.secure, ..self.clone() }
    }

    /// Returns whether a browser treats the two as one cookie.
    pub(in crate::identity) fn is_same_as(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    /// Formats the cookie for setting and for removal: a browser removes a cookie only if the attributes
    /// match.
    fn render(&self, value: &str, max_age: Option<u64>) -> Result<HeaderValue, IdentityError> {
        let mut cookie = Cookie::build((self.name.as_str(), value))
            .http_only(true)
            .secure(self.secure)
            .same_site(match self.same_site {
                SameSite::Lax => cookie::SameSite::Lax,
                SameSite::None => cookie::SameSite::None,
                SameSite::Strict => cookie::SameSite::Strict,
            })
            .path(&self.path);
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(domain);
        }
        if let Some(seconds) = max_age {
            cookie = cookie.max_age(time::Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX)));
        }
        if max_age == Some(0) {
            // For old browsers without `Max-Age`.
            cookie = cookie.expires(time::OffsetDateTime::UNIX_EPOCH);
        }
        HeaderValue::try_from(cookie.build().to_string())
            .map_err(|_| IdentityError::misconfigured("the cookie cannot be written as a header"))
    }

    fn checked(self) -> Result<Self, CookieConfigError> {
        let is_host = has_prefix(&self.name, HOST_PREFIX);
        let is_prefixed = is_host || has_prefix(&self.name, SECURE_PREFIX);
        let flaw = if !is_name(&self.name) {
            Kind::Name
        } else if !is_path(&self.path) {
            Kind::Path
        } else if self.domain.as_deref().is_some_and(|domain| !is_domain(domain)) {
            Kind::Domain
        } else if is_prefixed && !self.secure {
            Kind::PrefixInsecure
        } else if is_host && self.domain.is_some() {
            Kind::HostPrefixDomain
        } else if is_host && self.path != "/" {
            Kind::HostPrefixPath
        } else if self.same_site == SameSite::None && !self.secure {
            Kind::SameSiteNoneInsecure
        } else {
            return Ok(self);
        };
        Err(CookieConfigError::new(flaw))
    }
}

/// Browsers compare these prefixes case-insensitively.
fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Returns whether the text is a valid cookie name (RFC 6265, section 4.1.1).
#[must_use]
pub fn is_name(name: &str) -> bool {
    name.len() <= 128 && is_token(name)
}

/// Returns whether the path is valid; browsers ignore attributes of more than 1,024 bytes.
fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && path.len() <= 1024
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';')
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.split('.').all(is_label)
}
