//! Why a token was refused.

use std::{error::Error, fmt};

use crate::BoxError;

/// The kind of a [`JwtError`]: for logs and tests. Clients are told of no differences between them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JwtErrorKind {
    /// The algorithm is not one of those that the keys are for
    Algorithm,
    /// The token is for somebody else, or for nobody where an audience is expected
    Audience,
    /// A claim that is required is missing, or a registered one is of another type than it has to be
    Claim,
    /// The token says that only the holder of a certain key may use it
    Confirmation,
    /// The token has expired
    Expired,
    /// The header says something that is not understood, or brings its own key
    Header,
    /// The claims do not name an identity
    Identity,
    /// The token was issued by somebody else
    Issuer,
    /// No key that is known is meant
    Key,
    /// The text is not a signed token in its compact form (RFC 7515, section 7.1)
    Malformed,
    /// The token is not valid yet, or comes from the future
    NotYetValid,
    /// The token is good once, and was used before
    Reused,
    /// The signature is not that of the key
    Signature,
    /// The token has more than 8 KiB
    TooLong,
    /// The token is of a type that is not taken here
    Type,
    /// The keys could not be found out
    Unavailable,
}

/// A token is not valid, or nobody can tell.
///
/// Neither its `Display` nor its `Debug` form tells anything of the token; [`detail`](Self::detail) does.
pub struct JwtError {
    kind: JwtErrorKind,
    detail: Option<String>,
    source: Option<BoxError>,
}

impl JwtError {
    pub(super) const fn new(kind: JwtErrorKind) -> Self {
        Self { kind, detail: None, source: None }
    }

    /// Says what exactly is wrong; `foreign` text in it must not be a secret.
    pub(super) fn because(kind: JwtErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: Some(detail.into()), source: None }
    }

    /// A claim is missing or of the wrong type.
    pub(super) fn claim(name: &str, what: &str) -> Self {
        Self::because(JwtErrorKind::Claim, format!("`{name}` {what}"))
    }

    pub(super) const fn unavailable(source: BoxError) -> Self {
        Self { kind: JwtErrorKind::Unavailable, detail: None, source: Some(source) }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> JwtErrorKind {
        self.kind
    }

    /// Returns what exactly is wrong, for logs: the name of a claim, the type of the token, or its issuer and the issuers
    /// that are accepted. It may contain text of the token, but no secret.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// What went wrong, when the keys could not be found out.
    pub(super) fn into_source(self) -> BoxError {
        self.source.unwrap_or_else(|| self.kind.message().into())
    }
}

impl JwtErrorKind {
    /// The words for logs.
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Algorithm => "the token's algorithm is not one of those that the keys are for",
            Self::Audience => "the token is for another audience; see `with_audience`",
            Self::Claim => "the token lacks a required claim, or one of them is of the wrong type",
            Self::Confirmation => "the token is bound to a key of its client, which is not supported",
            Self::Expired => "the token has expired",
            Self::Header => "the token's header holds what is not understood",
            Self::Identity => "the token names no identity",
            Self::Issuer => "the token is from another issuer; see `with_issuer`",
            Self::Key => "the token's key is not known",
            Self::Malformed => "this is no signed token",
            Self::NotYetValid => "the token is not valid yet",
            Self::Reused => "the token was used before",
            Self::Signature => "the token's signature is wrong",
            Self::TooLong => "the token is longer than 8 KiB",
            Self::Type => "the token is of another type; see `with_type`",
            Self::Unavailable => "the keys cannot be found out",
        }
    }
}

impl From<JwtErrorKind> for JwtError {
    fn from(kind: JwtErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Debug for JwtError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtError")
            .field("kind", &self.kind)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for JwtError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.message())
    }
}

impl Error for JwtError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}
