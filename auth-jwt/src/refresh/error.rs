//! Defines [`RefreshError`], the reasons for rejecting a refresh token.

use std::{error::Error, fmt};

use auth_identity::BoxError;

/// The kind of a [`RefreshError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RefreshErrorKind {
    /// It is not a token, was never issued, has expired or was revoked
    Invalid,
    /// It was used before (reuse detection); its family has been revoked
    Reused,
    /// A requested scope was not granted
    Scope,
    /// The store is unavailable
    Unavailable,
}

/// A refresh token is not valid, or could not be verified.
///
/// As a response it is the JSON of RFC 6749, section 5.2: 400 `invalid_grant` (the same for invalid and
/// reused tokens) or `invalid_scope`; or 503.
#[derive(Debug)]
pub struct RefreshError {
    kind: RefreshErrorKind,
    source: Option<BoxError>,
}

impl RefreshError {
    pub(super) const fn unavailable(source: BoxError) -> Self {
        Self { kind: RefreshErrorKind::Unavailable, source: Some(source) }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> RefreshErrorKind {
        self.kind
    }

    /// Returns the error code for the client (RFC 6749, section 5.2).
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.kind {
            RefreshErrorKind::Invalid | RefreshErrorKind::Reused => "invalid_grant",
            RefreshErrorKind::Scope => "invalid_scope",
            RefreshErrorKind::Unavailable => "temporarily_unavailable",
        }
    }
}

impl From<RefreshErrorKind> for RefreshError {
    fn from(kind: RefreshErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl fmt::Display for RefreshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            RefreshErrorKind::Invalid => "the refresh token is not valid",
            RefreshErrorKind::Reused => "the refresh token was used before",
            RefreshErrorKind::Scope => "the scope was not granted",
            RefreshErrorKind::Unavailable => "the refresh tokens cannot be looked up",
        })
    }
}

impl Error for RefreshError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}
