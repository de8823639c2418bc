//! Why an option was refused.

use std::{error::Error, fmt};

/// The kind of a [`JwtConfigError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JwtConfigErrorKind {
    /// The cookie's name is no cookie name
    Cookie,
    /// The issuer's or audience's name is empty, or holds what no such name has
    Issuer,
    /// More than five minutes
    Leeway,
    /// Not a whole second, or more than what tokens of this kind may live
    Lifetime,
    /// The address is not one of https, or holds what a header must not
    Metadata,
    /// The realm holds what a header must not
    Realm,
    /// The scheme is not one word
    Scheme,
    /// The type is no media type
    Type,
}

/// Tokens cannot be checked or issued like this.
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
            JwtConfigErrorKind::Cookie => "the cookie's name must be a word of 1 to 128 letters, digits and a few signs",
            JwtConfigErrorKind::Issuer => {
                "the name must have 1 to 255 visible characters, and no `#` where it becomes a part of identities"
            }
            JwtConfigErrorKind::Leeway => "the leeway must not be more than 300 seconds",
            JwtConfigErrorKind::Lifetime => "the lifetime must be 1 second or more, and at most 24 hours for access tokens",
            JwtConfigErrorKind::Metadata => "the address must start with `https://` and hold visible ASCII without quotes",
            JwtConfigErrorKind::Realm => "the realm must be visible ASCII and spaces",
            JwtConfigErrorKind::Scheme => "the scheme must be one word of letters, digits and a few signs, such as `Bearer`",
            JwtConfigErrorKind::Type => "the type must be a media type such as `at+jwt`",
        })
    }
}

impl Error for JwtConfigError {}
