//! [`AuthErrorKind`]: the one kind of all errors that become a response, from identity policies to guards.

use std::time::Duration;

use http::StatusCode;

/// Why a request gets no answer, or is rejected; it decides the response.
///
/// An [`IdentityError`](crate::identity::IdentityError), an `AuthError` and a
/// `Refusal` have one.
///
/// # Example
///
/// ```
/// use auth_runtime::{AuthError, AuthErrorKind, identity::IdentityError};
///
/// let error = IdentityError::refuse("there are two cookies that contradict each other");
/// assert_eq!(error.kind(), AuthErrorKind::InvalidCredential);
/// assert_eq!(AuthError::from(error).status(), AuthErrorKind::InvalidCredential.status());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AuthErrorKind {
    /// The request is malformed: 400
    BadRequest,
    /// An unsafe request, or a change of the identity, is cross-site: 403
    CrossOrigin,
    /// The user is authenticated, and denied: 403
    Forbidden,
    /// The guard hides what it guards: 404, with nothing to tell it from a path that does not exist
    Hidden,
    /// The access token was not issued for the scopes: 403
    InsufficientScope,
    /// A credential was presented and is not valid, or two contradict each other: 401
    InvalidCredential,
    /// The text is not an identity: 400
    InvalidIdentity,
    /// The application's configuration does not allow what it asked for; the log says what to change: 500
    Misconfigured,
    /// The user logged in too long ago for this: 401
    Stale {
        /// How long ago it may have been
        max_age: Duration,
    },
    /// The identity and its data do not fit into a cookie: 500
    TooLarge,
    /// The response had begun when the identity was to be changed: 500
    ResponseAlreadyStarted,
    /// The request is anonymous: 401
    Unauthenticated,
    /// A store, a policy or a callback does not answer: 503
    Unavailable,
}

impl AuthErrorKind {
    /// Returns the status of the response.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::InvalidIdentity => StatusCode::BAD_REQUEST,
            Self::CrossOrigin | Self::Forbidden | Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::Hidden => StatusCode::NOT_FOUND,
            Self::InvalidCredential | Self::Stale { .. } | Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Misconfigured | Self::TooLarge | Self::ResponseAlreadyStarted => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns whether the request was judged, as opposed to an error that kept it from being judged.
    #[doc(hidden)]
    #[must_use]
    pub const fn is_decided(self) -> bool {
        matches!(self, Self::Forbidden | Self::Stale { .. } | Self::Unauthenticated)
    }

    /// Returns whether a log-in may help.
    #[doc(hidden)]
    #[must_use]
    pub const fn wants_a_user(self) -> bool {
        matches!(self, Self::InvalidCredential | Self::Stale { .. } | Self::Unauthenticated)
    }
}
