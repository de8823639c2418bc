//! Defines [`JwtConfigError`], the error of options.

use std::{error::Error, fmt};

/// The kind of a [`JwtConfigError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JwtConfigErrorKind {
    /// The address is not an http or https address without a query
    Address,
    /// There is no algorithm, or one is symmetric
    Algorithm,
    /// The name of the cookie is not valid
    Cookie,
    /// The issuer or audience is empty or has invalid characters
    Issuer,
    /// More than five minutes
    Leeway,
    /// Not a whole second, or longer than the maximum of such tokens
    Lifetime,
    /// The address is not https, or has characters that are not valid in a header
    Metadata,
    /// The realm has characters that are not valid in a header
    Realm,
    /// The scheme, or the marker of a sub-protocol, is not a single token
    Scheme,
    /// The type is not a media type
    Type,
}

/// Tokens cannot be verified or issued with this option.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct JwtConfigError(JwtConfigErrorKind);

impl JwtConfigError {
    pub(super) const fn new(kind: JwtConfigErrorKind) -> Self {
        Self(kind)
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> JwtConfigErrorKind {
        self.0
    }
}

impl fmt::Display for JwtConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            JwtConfigErrorKind::Address => "the address must be one such as `https://api.example`, without a query",
            JwtConfigErrorKind::Algorithm => "there must be one algorithm or several, and none of them symmetric",
            JwtConfigErrorKind::Cookie => "the cookie's name must be a word of 1 to 128 letters, digits and a few signs",
            JwtConfigErrorKind::Issuer => {
                "the name must have 1 to 255 visible characters, and no `#` where it becomes a part of identities"
            }
            JwtConfigErrorKind::Leeway => "the leeway must not be more than 300 seconds",
            JwtConfigErrorKind::Lifetime => "the lifetime must be 1 second or more, and at most 24 hours for access tokens",
            JwtConfigErrorKind::Metadata => "the address must start with `https://` and hold visible ASCII without quotes",
            JwtConfigErrorKind::Realm => "the realm must be visible ASCII and spaces",
            JwtConfigErrorKind::Scheme => "the scheme or marker must be one word of letters, digits and a few signs, such as `Bearer`",
            JwtConfigErrorKind::Type => "the type must be a media type such as `at+jwt`",
        })
    }
}

impl Error for JwtConfigError {}
