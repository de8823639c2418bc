//! Logs events of sessions.

use auth_identity::__private::events::TARGET;
pub(crate) use auth_identity::__private::events::failed;

pub(crate) fn session_refused(reason: &'static str) {
    tracing::debug!(target: TARGET, reason, "session refused");
}

/// Logs a stored record that is not a valid session.
pub(crate) fn session_record_refused(reason: &'static str) {
    tracing::warn!(target: TARGET, reason, "session record refused");
}
