//! Why a question about the user has no answer.

use crate::identity::{IdentityError, IdentityErrorKind};

/// It was logged where it happened; here only what the client is told of it remains.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Failure {
    /// An unsafe request from another origin
    CrossOrigin,
    Misconfigured,
    /// Credentials that must not be taken for "none"
    Refused,
    TooLarge,
    TooLate,
    Unavailable,
}

impl Failure {
    pub(super) fn of(error: &IdentityError) -> Self {
        match error.kind() {
            IdentityErrorKind::Misconfigured => Self::Misconfigured,
            IdentityErrorKind::Refuse => Self::Refused,
            IdentityErrorKind::TooLarge => Self::TooLarge,
            IdentityErrorKind::Unavailable => Self::Unavailable,
        }
    }
}
