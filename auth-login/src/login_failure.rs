//! Carries the reason why a log-in fails, for its page and for the log: [`LoginFailure`].

use crate::failure_code::FailureCode;

/// Why a log-in stops. The reason is for the log, and holds no secret.
#[derive(Debug)]
pub(crate) struct LoginFailure {
    pub(crate) code: FailureCode,
    pub(crate) reason: String,
}

impl LoginFailure {
    pub(crate) fn new(code: FailureCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}
