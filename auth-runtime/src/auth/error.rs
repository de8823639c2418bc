//! [`AuthError`]: what the methods of [`Auth`](super::Auth) fail with.

use std::{error::Error, fmt};

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::{
    error_kind::AuthErrorKind,
    events::{self, AsDynError},
    identity::{IdentityError, InvalidId},
    refusal,
};

/// A handler's question about its user could not be answered, or the request was rejected.
///
/// Returned from a handler it becomes the response that a guard would have given: problem details or a page, the
/// log-in page where one is configured. A handler that takes no [`Auth`](super::Auth) gets problem details, since
/// nothing is known of its request. A handler that changes the status of the response keeps the response as it is.
///
/// # Example
///
/// ```
/// use auth_runtime::{Auth, AuthError};
///
/// async fn greet(auth: Auth) -> Result<String, AuthError> {
///     let user = auth.check_authorized().await?;
///     Ok(format!("hello {user}"))
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AuthError(AuthErrorKind);

impl AuthError {
    pub(crate) const fn new(kind: AuthErrorKind) -> Self {
        Self(kind)
    }

    /// The error that answers 401, for a handler that finds a name and a password wrong.
    #[must_use]
    pub const fn unauthenticated() -> Self {
        Self(AuthErrorKind::Unauthenticated)
    }

    /// The error that answers 403, for a handler that knows a reason of its own.
    #[must_use]
    pub const fn forbidden() -> Self {
        Self(AuthErrorKind::Forbidden)
    }

    /// Logs what the application has to change.
    pub(crate) fn misconfigured(message: &str) -> Self {
        events::misconfigured(message);
        Self(AuthErrorKind::Misconfigured)
    }

    /// Logs what failed: a store, a policy or a callback.
    pub(crate) fn unavailable<E: AsDynError + ?Sized>(operation: &'static str, error: &E) -> Self {
        events::failed(operation, error);
        Self(AuthErrorKind::Unavailable)
    }

    /// Logs that a policy did not change the identity.
    pub(super) fn of_change(operation: &'static str, error: &IdentityError) -> Self {
        events::failed(operation, error);
        Self(error.kind())
    }

    /// Logs that a policy did not find the identity. A credential that is not valid is the client's fault.
    pub(super) fn of_credential(operation: &'static str, error: &IdentityError) -> Self {
        if error.kind().status().is_client_error() {
            events::bad_credential(error);
        } else {
            events::failed(operation, error);
        }
        Self(error.kind())
    }

    /// Returns the status of the response that the error becomes.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.0.status()
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(self) -> AuthErrorKind {
        self.0
    }
}

impl From<InvalidId> for AuthError {
    fn from(_: InvalidId) -> Self {
        Self(AuthErrorKind::InvalidIdentity)
    }
}

impl From<IdentityError> for AuthError {
    /// Logs what a store or policy failed with; the response shows no more than its [kind](IdentityError::kind).
    fn from(error: IdentityError) -> Self {
        Self::of_credential("handler", &error)
    }
}

#[cfg(feature = "password")]
impl From<crate::identity::PasswordError> for AuthError {
    /// Logs that a password cannot be checked, which the client sees as 503; an empty one is a bad request.
    fn from(error: crate::identity::PasswordError) -> Self {
        match error.kind() {
            crate::identity::PasswordErrorKind::Empty => Self(AuthErrorKind::InvalidIdentity),
            _ => Self::unavailable("password", &error),
        }
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.message())
    }
}

impl Error for AuthError {}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        refusal::unnegotiated(self.0)
    }
}
