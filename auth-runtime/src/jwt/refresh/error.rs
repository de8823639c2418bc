//! Why a refresh token was refused.

use std::{error::Error, fmt};

use crate::BoxError;

/// The kind of a [`RefreshError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RefreshErrorKind {
    /// It is no token, or one that was never given out, has expired or was revoked
    Invalid,
    /// It was used before; its family has been ended
    Reused,
    /// A scope was asked for that was not granted
    Scope,
    /// The store does not answer
    Unavailable,
}

/// A refresh token is not valid, or nobody can tell.
///
/// As a response it is the JSON of RFC 6749, section 5.2: 400 `invalid_grant` (the same for what is invalid and what was
/// used before) or `invalid_scope`; or 503.
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

    /// Returns the code that the client is told (RFC 6749, section 5.2).
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
