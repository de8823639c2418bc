//! How a policy's cookie is written.

use std::time::Duration;

use cookie::{Cookie, time};
use http::HeaderValue;

use super::{CookieConfigError, CookieConfigErrorKind as Kind};
use crate::identity::{Effects, IdentityError, grammar::is_token};

/// The longest name and value that browsers keep, in bytes.
const MAX_BYTES: usize = 4096;
/// The longest time for which browsers keep a cookie.
pub(crate) const MAX_AGE: Duration = Duration::from_hours(400 * 24);
const HOST_PREFIX: &str = "__host-";
const SECURE_PREFIX: &str = "__secure-";

/// On which requests from other sites a browser sends a cookie.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SameSite {
    /// When a user follows a link
    #[default]
    Lax,
    /// On all of them
    None,
    /// On none of them
    Strict,
}

/// How the cookie of a policy is called and written.
///
/// The default is `__Host-auth` with `Secure`, `HttpOnly`, `SameSite=Lax` and `Path=/`. `HttpOnly` cannot be
/// switched off.
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
    /// The default, which is the careful one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name. The default is `__Host-auth`.
    ///
    /// # Errors
    ///
    /// Fails when it is no cookie name, and when its prefix contradicts the other settings.
    pub fn with_name(mut self, name: impl Into<String>) -> Result<Self, CookieConfigError> {
        self.name = name.into();
        self.checked()
    }

    /// Sets when other sites' requests carry the cookie. The default is [`SameSite::Lax`].
    ///
    /// # Errors
    ///
    /// Fails for [`SameSite::None`] when `Secure` is switched off.
    pub fn with_same_site(mut self, same_site: SameSite) -> Result<Self, CookieConfigError> {
        self.same_site = same_site;
        self.checked()
    }

    /// Sends the cookie to all hosts of a domain. The default is none: only the host that set it gets it.
    ///
    /// # Errors
    ///
    /// Fails when it is no host name, and for names with the prefix `__Host-`.
    ///
    /// # Security
    ///
    /// Each host of the domain can read and replace the cookie.
    pub fn with_domain(mut self, domain: impl Into<String>) -> Result<Self, CookieConfigError> {
        self.domain = Some(domain.into());
        self.checked()
    }

    /// Sends the cookie for this path and those below it only. The default is `/`.
    ///
    /// # Errors
    ///
    /// Fails when it is no path, and for names with the prefix `__Host-`.
    pub fn with_path(mut self, path: impl Into<String>) -> Result<Self, CookieConfigError> {
        self.path = path.into();
        self.checked()
    }

    /// For development without https: leaves out `Secure` and takes the prefix `__Host-` or `__Secure-` off the
    /// name. The default is `Secure`.
    ///
    /// # Errors
    ///
    /// Fails with [`SameSite::None`], which browsers only take with `Secure`.
    ///
    /// # Security
    ///
    /// A policy with this setting acts only on requests whose connection comes from this machine and that no proxy
    /// forwarded, so that it cannot be left on by accident. The server has to know where connections come from; see
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

    /// Writes the cookie with this value; without a `max_age` the browser forgets it when it is closed.
    ///
    /// A `max_age` of more than 400 days counts as 400 days.
    ///
    /// # Errors
    ///
    /// Fails when name and value together are longer than 4,096 bytes, and when the value holds other characters than
    /// letters, digits, `.`, `_` and `-`.
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

    /// Removes the cookie from the browser.
    ///
    /// # Errors
    ///
    /// Fails only when the configuration cannot be written as a header, which its checks exclude.
    pub fn remove(&self) -> Result<Effects, IdentityError> {
        self.removal().map(|line| Effects::set_cookie(self.name.as_str(), line))
    }

    /// The line that removes the cookie from the browser.
    pub(crate) fn removal(&self) -> Result<HeaderValue, IdentityError> {
        self.render("", Some(0))
    }

    /// The cookies of this name that an earlier configuration may have set: with and without the domain, for the path and
    /// for `/`.
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

    /// The cookie, sent over https only if another one is.
    pub(in crate::identity) fn as_secure_as(&self, other: &Self) -> Self {
        Self { secure: other.secure, ..self.clone() }
    }

    /// Returns whether a browser takes the two for one cookie.
    pub(in crate::identity) fn is_same_as(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    /// Setting and removal are written by the same lines: a browser removes a cookie only when the attributes fit.
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
            // For browsers that know no `Max-Age`.
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

/// Browsers compare these prefixes without regard to case.
fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// The name of a cookie (RFC 6265, section 4.1.1).
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= 128 && is_token(name)
}

/// At most 1,024 bytes, since browsers ignore longer attributes.
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
