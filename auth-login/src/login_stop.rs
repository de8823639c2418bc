//! [`Stop`]: why a log-in stops, for its page and for the log.

use crate::failure_code::FailureCode;

/// Why a log-in stops. The reason is for the log, and holds no secret.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) code: FailureCode,
    pub(crate) reason: String,
}

impl Stop {
    pub(crate) fn new(code: FailureCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}
