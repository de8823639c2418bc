//! What can go wrong in an identity policy.

use std::{error::Error, fmt};

use crate::BoxError;

/// The kind of an [`IdentityError`]; it decides the answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum IdentityErrorKind {
    /// The application asked for something that its configuration does not allow: 500
    Misconfigured,
    /// The request carries a credential that must not be taken for "none", or two that contradict: 401
    Refuse,
    /// The identity cannot be remembered: what would have to be sent is too long: 500
    TooLarge,
    /// What the policy depends on does not answer: 503
    Unavailable,
}

/// An identity could not be found, remembered or forgotten.
#[derive(Debug)]
pub struct IdentityError {
    kind: IdentityErrorKind,
    message: &'static str,
    source: Option<BoxError>,
}

impl IdentityError {
    /// The application's configuration does not allow what was asked for; `message` says what to change.
    #[must_use]
    pub const fn misconfigured(message: &'static str) -> Self {
        Self { kind: IdentityErrorKind::Misconfigured, message, source: None }
    }

    /// The request is refused for its credentials; `message` is for the log and must not quote them.
    #[must_use]
    pub const fn refuse(message: &'static str) -> Self {
        Self { kind: IdentityErrorKind::Refuse, message, source: None }
    }

    /// What would have to be sent is too long.
    #[must_use]
    pub const fn too_large(message: &'static str) -> Self {
        Self { kind: IdentityErrorKind::TooLarge, message, source: None }
    }

    /// A store, a network or a clock failed.
    #[must_use]
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self {
            kind: IdentityErrorKind::Unavailable,
            message: "the identity policy does not answer",
            source: Some(source.into()),
        }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> IdentityErrorKind {
        self.kind
    }
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl Error for IdentityError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}
