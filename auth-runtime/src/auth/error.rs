//! What the methods of [`Auth`](super::Auth) fail with.

use std::{error::Error, fmt, time::Duration};

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::failure::Failure;
use crate::{
    events,
    identity::{IdentityError, IdentityErrorKind, InvalidId},
    refusal::{self, RefusalKind},
};

/// A handler's question about its user could not be answered, or was answered with no.
///
/// Returned from a handler it becomes the answer that a guard would have given: problem details or a page, the
/// log-in page where one is configured. A handler that takes no [`Auth`](super::Auth) gets problem details, since
/// nothing is known of its request. A handler that changes the status of the answer keeps the answer as it is.
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

/// The kind of an [`AuthError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AuthErrorKind {
    /// An unsafe request from another origin: 403
    CrossOrigin,
    /// The user is known and may not: 403
    Forbidden,
    /// A credential was presented and is not valid: 401
    InvalidCredential,
    /// The text is not an identity: 400
    InvalidIdentity,
    /// The application is not set up for what it asked: 500
    Misconfigured,
    /// The user logged in too long ago for this: 401
    Stale {
        /// How long ago it may have been
        max_age: Duration,
    },
    /// The identity and its data do not fit into a cookie: 500
    TooLarge,
    /// The response had begun when the identity was to be changed: 500
    TooLate,
    /// No user is known: 401
    Unauthenticated,
    /// Something that the answer depends on is down: 503
    Unavailable,
}

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

    /// Returns the status of the answer that the error becomes.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.refusal().status()
    }

    pub(crate) const fn refusal(self) -> RefusalKind {
        match self.0 {
            AuthErrorKind::CrossOrigin => RefusalKind::CrossOrigin,
            AuthErrorKind::Forbidden => RefusalKind::Forbidden,
            AuthErrorKind::InvalidCredential => RefusalKind::InvalidCredential,
            AuthErrorKind::InvalidIdentity => RefusalKind::BadRequest,
            AuthErrorKind::Stale { max_age } => RefusalKind::Stale { max_age },
            AuthErrorKind::Unauthenticated => RefusalKind::Unauthenticated,
            AuthErrorKind::Unavailable => RefusalKind::Unavailable,
            AuthErrorKind::Misconfigured | AuthErrorKind::TooLarge | AuthErrorKind::TooLate => {
                RefusalKind::Misconfigured
            }
        }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(self) -> AuthErrorKind {
        self.0
    }
}

impl From<Failure> for AuthError {
    fn from(failure: Failure) -> Self {
        Self(match failure {
            Failure::CrossOrigin => AuthErrorKind::CrossOrigin,
            Failure::Misconfigured => AuthErrorKind::Misconfigured,
            Failure::Refused => AuthErrorKind::InvalidCredential,
            Failure::TooLarge => AuthErrorKind::TooLarge,
            Failure::TooLate => AuthErrorKind::TooLate,
            Failure::Unavailable => AuthErrorKind::Unavailable,
        })
    }
}

impl From<InvalidId> for AuthError {
    fn from(_: InvalidId) -> Self {
        Self(AuthErrorKind::InvalidIdentity)
    }
}

impl From<IdentityError> for AuthError {
    /// What a store or policy failed with is told to the log; the client is told as much as its
    /// [kind](IdentityError::kind) says.
    fn from(error: IdentityError) -> Self {
        match error.kind() {
            IdentityErrorKind::Refuse => events::bad_credential(&error),
            _ => events::failed("handler", &error),
        }
        Failure::of(&error).into()
    }
}

#[cfg(feature = "password")]
impl From<crate::identity::PasswordError> for AuthError {
    /// That a password cannot be checked now is told to the log, and to the client as 503; an empty one is a bad request.
    fn from(error: crate::identity::PasswordError) -> Self {
        if error.kind() == crate::identity::PasswordErrorKind::Empty {
            return Self(AuthErrorKind::InvalidIdentity);
        }
        events::failed("password", &error);
        Self(AuthErrorKind::Unavailable)
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            AuthErrorKind::CrossOrigin => "the request comes from another origin",
            AuthErrorKind::Forbidden => "the user may not do this",
            AuthErrorKind::InvalidCredential => "the credential is not valid",
            AuthErrorKind::InvalidIdentity => "this text cannot be an identity",
            AuthErrorKind::Misconfigured => "the application is not set up for this",
            AuthErrorKind::Stale { .. } => "the user logged in too long ago for this",
            AuthErrorKind::TooLarge => "the identity and its data are too large",
            AuthErrorKind::TooLate => "the response has begun already",
            AuthErrorKind::Unauthenticated => "no user is known",
            AuthErrorKind::Unavailable => "something that the answer depends on is down",
        })
    }
}

impl Error for AuthError {}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        refusal::unnegotiated(self.refusal())
    }
}
