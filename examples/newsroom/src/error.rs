//! Failures of handlers, and their pages: [`Failure`].

use auth_runtime::{AuthError, identity::IdentityError};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// Why a handler cannot respond as it should.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The user may not, or a store of the library is down: the library responds
    Auth(AuthError),
    /// What was asked for does not exist
    Missing,
    /// Another request was faster: the state is not the one that the form was made for
    Conflict,
    /// The database, or another part that the application itself asks, is down
    Unavailable,
}

impl Failure {
    /// Logs an error of a part that the application asks, and returns the failure.
    pub(crate) fn unavailable(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "unavailable");
        Self::Unavailable
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        Self::Auth(error.into())
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::unavailable(error)
    }
}

impl IntoResponse for Failure {
    /// Responds without a body: the layer of [`crate::pages`] adds the page.
    fn into_response(self) -> Response {
        match self {
            Self::Auth(error) => error.into_response(),
            Self::Missing => StatusCode::NOT_FOUND.into_response(),
            Self::Conflict => StatusCode::CONFLICT.into_response(),
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}
