//! Defines [`CookieConfigError`], the error of a cookie configuration.

use std::{error::Error, fmt};

/// The kind of a [`CookieConfigError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CookieConfigErrorKind {
    /// The domain is not a valid host name
    Domain,
    /// `__Host-` cookies have no domain
    HostPrefixDomain,
    /// `__Host-` cookies have the path `/`
    HostPrefixPath,
    /// The name is not a valid cookie name
    Name,
    /// The path does not start with `/` or contains invalid characters
    Path,
    /// The prefix of the name requires `Secure`, which is disabled
    PrefixInsecure,
    /// The realm contains characters that are not valid in a header
    Realm,
    /// `SameSite=None` needs `Secure`, which is disabled
    SameSiteNoneInsecure,
}

/// The configuration is one that browsers reject or misinterpret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CookieConfigError(CookieConfigErrorKind);

impl CookieConfigError {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(kind: CookieConfigErrorKind) -> Self {
        Self(kind)
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> CookieConfigErrorKind {
        self.0
    }
}

impl fmt::Display for CookieConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            CookieConfigErrorKind::Domain => "the cookie's domain must be a host name such as `example.com`",
            CookieConfigErrorKind::HostPrefixDomain => {
                "a `__Host-` cookie has no domain; choose a `__Secure-` name first"
            }
            CookieConfigErrorKind::HostPrefixPath => {
                "a `__Host-` cookie has the path `/`; choose a `__Secure-` name first"
            }
            CookieConfigErrorKind::Name => {
                "the cookie's name must be 1 to 128 letters, digits or characters of !#$%&'*+-.^_`|~"
            }
            CookieConfigErrorKind::Path => {
                "the cookie's path must start with `/` and be visible ASCII without `;`, at most 1,024 bytes"
            }
            CookieConfigErrorKind::PrefixInsecure => {
                "`__Host-` and `__Secure-` cookies need https; choose another name for plain http"
            }
            CookieConfigErrorKind::Realm => "the realm must be visible ASCII and spaces",
            CookieConfigErrorKind::SameSiteNoneInsecure => {
                "`SameSite=None` needs https; choose `Lax` or `Strict`"
            }
        })
    }
}

impl Error for CookieConfigError {}
