//! [`IdentityError`]: what an identity policy or a session store fails with.

use std::{error::Error, fmt};

use crate::{BoxError, error_kind::AuthErrorKind};

/// An identity could not be found, remembered or forgotten.
#[derive(Debug)]
pub struct IdentityError {
    kind: AuthErrorKind,
    message: &'static str,
    source: Option<BoxError>,
}

impl IdentityError {
    const fn new(kind: AuthErrorKind, message: &'static str) -> Self {
        Self { kind, message, source: None }
    }

    /// The application's configuration does not allow what was asked for; `message` says what to change.
    #[must_use]
    pub const fn misconfigured(message: &'static str) -> Self {
        Self::new(AuthErrorKind::Misconfigured, message)
    }

    /// The request is rejected for its credentials; `message` is for the log and must not quote them.
    #[must_use]
    pub const fn refuse(message: &'static str) -> Self {
        Self::new(AuthErrorKind::InvalidCredential, message)
    }

    /// What would have to be sent is too long.
    #[must_use]
    pub const fn too_large(message: &'static str) -> Self {
        Self::new(AuthErrorKind::TooLarge, message)
    }

    /// A store, a network or a clock failed.
    #[must_use]
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        let error = Self::new(AuthErrorKind::Unavailable, "the identity policy does not answer");
        Self { source: Some(source.into()), ..error }
    }

    /// Returns the kind; it decides the response.
    #[must_use]
    pub const fn kind(&self) -> AuthErrorKind {
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
