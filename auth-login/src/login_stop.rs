//! Carries the reason why a log-in stops, for its page and for the log: [`LoginStop`].

use crate::failure_code::FailureCode;

/// Why a log-in stops. The reason is for the log, and holds no secret.
#[derive(Debug)]
pub(crate) struct LoginStop {
    pub(crate) code: FailureCode,
    pub(crate) reason: String,
}

impl LoginStop {
    pub(crate) fn new(code: FailureCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}
