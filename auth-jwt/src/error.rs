//! Defines [`JwtError`], the reasons for rejecting a token.

use std::{error::Error, fmt};

use auth_identity::BoxError;

/// The kind of a [`JwtError`], for logs and tests. Clients get the same response for all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JwtErrorKind {
    /// The algorithm does not match the keys
    Algorithm,
    /// The audience does not match or is missing
    Audience,
    /// A required claim is missing, or a registered one has a wrong type
    Claim,
    /// The token is bound to a key of its client (`cnf`), and possession of it is not verified here
    Confirmation,
    /// The token has expired
    Expired,
    /// The header has a critical extension that is not understood, or brings its own key
    Header,
    /// The claims do not yield an identity
    Identity,
    /// The issuer does not match
    Issuer,
    /// No known key matches
    Key,
    /// The text is not a signed token in compact form (RFC 7515, section 7.1)
    Malformed,
    /// The token is not valid yet, or is dated in the future
    NotYetValid,
    /// The one-time token was used before (replay)
    Reused,
    /// The signature does not match the key
    Signature,
    /// The token is longer than 8 KiB
    TooLong,
    /// The type is not accepted here
    Type,
    /// The keys are unavailable
    Unavailable,
}

/// A token is not valid, or could not be verified.
///
/// Neither `Display` nor `Debug` reveals anything about the token; [`detail`](Self::detail) does.
pub struct JwtError {
    kind: JwtErrorKind,
    detail: Option<String>,
    source: Option<BoxError>,
}

impl JwtError {
    pub(super) const fn new(kind: JwtErrorKind) -> Self {
        Self { kind, detail: None, source: None }
    }

    /// Adds a detail; text from outside in it must not be a secret.
    pub(super) fn because(kind: JwtErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: Some(detail.into()), source: None }
    }

    /// Creates an error for a claim that is missing or has a wrong type.
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

    /// Returns a detail for logs: the name of a claim, the type of the token, or its issuer and the accepted
    /// ones. It may contain text of the token, but no secret.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// Creates an error for unavailable keys.
    pub(super) fn into_source(self) -> BoxError {
        self.source.unwrap_or_else(|| self.kind.message().into())
    }
}

impl JwtErrorKind {
    /// Returns the text for logs.
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Algorithm => "the token's algorithm is not one of those that the keys are for",
            Self::Audience => "the token is for another audience; see `with_audience`",
            Self::Claim => "the token lacks a required claim, or one of them is of the wrong type",
            Self::Confirmation => {
                "the token is bound to a key of its client; see `with_dpop` and `with_client_certificates`"
            }
            Self::Expired => "the token has expired",
            Self::Header => "the token's header holds what is not understood",
            Self::Identity => "the token names no identity",
            Self::Issuer => "the token is from another issuer; see `with_issuer`",
            Self::Key => "the token's key is not known",
            Self::Malformed => "this is not a signed token",
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
