//! Defines [`AuthError`], the error of the methods of [`Auth`](super::Auth).

use std::{error::Error, fmt};

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::{
    BoxError,
    error_kind::AuthErrorKind,
    events::{self, AsDynError},
    identity::{IdentityError, InvalidId},
    refusal,
};

/// A question of a handler failed, or the request was rejected.
///
/// Returned from a handler, it becomes the response that a guard would give: problem details, a page, or a
/// redirect to the log-in page. In a handler without an [`Auth`](super::Auth) argument it becomes problem
/// details, since the request is not known. If the handler has set a status of its own, the response is not
/// replaced.
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

    /// An error that responds with 401, for a handler that rejects a user name and password.
    #[must_use]
    pub const fn unauthenticated() -> Self {
        Self(AuthErrorKind::Unauthenticated)
    }

    /// An error that responds with 403, for a handler with a rule of its own.
    #[must_use]
    pub const fn forbidden() -> Self {
        Self(AuthErrorKind::Forbidden)
    }

    /// Makes an error that responds with 503, for an [`AsyncResource`](crate::acl::AsyncResource) or a handler that a
    /// dependency has failed. The failure is logged under the name of the operation.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{AuthError, AuthErrorKind};
    ///
    /// let error = AuthError::dependency("shares", "the database does not answer");
    /// assert_eq!(error.kind(), AuthErrorKind::Unavailable);
    /// ```
    pub fn dependency(operation: &'static str, error: impl Into<BoxError>) -> Self {
        Self::unavailable(operation, &error.into())
    }

    /// Logs a configuration error of the application.
    pub(crate) fn misconfigured(message: &str) -> Self {
        events::misconfigured(message);
        Self(AuthErrorKind::Misconfigured)
    }

    /// Logs the failure of a store, a policy or a callback.
    pub(crate) fn unavailable<E: AsDynError + ?Sized>(operation: &'static str, error: &E) -> Self {
        events::failed(operation, error);
        Self(AuthErrorKind::Unavailable)
    }

    /// Logs that a policy did not change the identity: at INFO if the client or another request is the cause, and at
    /// ERROR if the application or a store is.
    pub(super) fn of_change(operation: &'static str, error: &IdentityError) -> Self {
        if error.kind().status().is_client_error() {
            events::change_rejected(operation, error);
        } else {
            events::failed(operation, error);
        }
        Self(error.kind())
    }

    /// Logs that a policy failed to resolve the identity. An invalid credential is the client's error, not
    /// the server's.
    pub(crate) fn of_credential(operation: &'static str, error: &IdentityError) -> Self {
        if matches!(error.kind(), AuthErrorKind::Throttled { .. }) {
            // The throttle has logged it. The credential may be valid.
        } else if error.kind().status().is_client_error() {
            events::bad_credential(error);
        } else {
            events::failed(operation, error);
        }
        Self(error.kind())
    }

    /// Returns the status of the response.
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
    /// Logs the error of a store or policy; the response contains only its [kind](IdentityError::kind).
    fn from(error: IdentityError) -> Self {
        Self::of_credential("handler", &error)
    }
}

#[cfg(feature = "jwt")]
impl From<crate::jwt::IssueError> for AuthError {
    /// The cause is logged; the response only distinguishes a temporary failure from a permanent one.
    fn from(error: crate::jwt::IssueError) -> Self {
        events::failed("issue", &BoxError::from(error));
        Self::new(match error.kind() {
            crate::jwt::IssueErrorKind::Key | crate::jwt::IssueErrorKind::NoRandomness => {
                AuthErrorKind::Unavailable
            }
            crate::jwt::IssueErrorKind::TooLong => AuthErrorKind::TooLarge,
            _ => AuthErrorKind::Misconfigured,
        })
    }
}

#[cfg(feature = "password")]
impl From<crate::identity::PasswordError> for AuthError {
    /// Logs that a password cannot be verified, to which the response is 503; an empty password is a bad
    /// request.
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
