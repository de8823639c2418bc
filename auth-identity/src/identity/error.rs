//! Defines [`IdentityError`], the error of identity policies and session stores.

use std::{error::Error, fmt, time::Duration};

use super::AuthErrorKind;
use crate::{BoxError, events::AsDynError};

/// An identity could not be determined, remembered or forgotten.
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

    /// Creates an error of the application's configuration; `message` is the remedy.
    #[must_use]
    pub const fn misconfigured(message: &'static str) -> Self {
        Self::new(AuthErrorKind::Misconfigured, message)
    }

    /// Creates a rejection of the request's credentials; `message` is logged and must not quote them.
    #[must_use]
    pub const fn refuse(message: &'static str) -> Self {
        Self::new(AuthErrorKind::InvalidCredential, message)
    }

    /// Creates a rejection of a proof of possession; `message` is logged and must not quote the proof. With
    /// `use_nonce` the client is asked for one with a nonce of this server.
    #[must_use]
    pub const fn invalid_proof(message: &'static str, use_nonce: bool) -> Self {
        Self::new(AuthErrorKind::InvalidProof { use_nonce }, message)
    }

    /// Creates a rejection of a malformed request, which gets 400; `message` is logged and must not quote the request.
    #[must_use]
    pub const fn bad_request(message: &'static str) -> Self {
        Self::new(AuthErrorKind::BadRequest, message)
    }

    /// Creates a rejection of a credential that is valid, but not for this application or this request, which gets 403;
    /// `message` is logged and must not quote the credential.
    #[must_use]
    pub const fn forbidden(message: &'static str) -> Self {
        Self::new(AuthErrorKind::Forbidden, message)
    }

    /// Creates an error for a log-in that another request has ended meanwhile, which gets 409; `message` is logged.
    #[must_use]
    pub const fn conflict(message: &'static str) -> Self {
        Self::new(AuthErrorKind::Conflict, message)
    }

    /// Creates an error for a credential that is too long to send.
    #[must_use]
    pub const fn too_large(message: &'static str) -> Self {
        Self::new(AuthErrorKind::TooLarge, message)
    }

    /// Creates a rejection of an attempt that was made too early, which gets 429 with `Retry-After`.
    #[must_use]
    pub const fn throttled(retry_after: Duration) -> Self {
        Self::new(AuthErrorKind::Throttled { retry_after }, "there were too many attempts")
    }

    /// Creates an error for an unavailable store, network or clock.
    #[must_use]
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        let error = Self::new(AuthErrorKind::Unavailable, "the identity policy does not answer");
        Self { source: Some(source.into()), ..error }
    }

    /// Blames the request: it has a credential for which its policy cannot do this, and another policy could.
    pub(crate) fn of_credential(self) -> Self {
        match self.kind {
            AuthErrorKind::Misconfigured => Self { kind: AuthErrorKind::Forbidden, ..self },
            _ => self,
        }
    }

    /// Returns the kind, which determines the response.
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

impl AsDynError for IdentityError {
    fn as_dyn_error(&self) -> &(dyn Error + 'static) {
        self
    }

    fn is_misconfiguration(&self) -> bool {
        self.kind == AuthErrorKind::Misconfigured
    }
}

impl AsDynError for BoxError {
    fn as_dyn_error(&self) -> &(dyn Error + 'static) {
        &**self
    }

    fn is_misconfiguration(&self) -> bool {
        self.downcast_ref::<IdentityError>().is_some_and(AsDynError::is_misconfiguration)
    }
}
