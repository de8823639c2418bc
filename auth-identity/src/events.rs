//! Logs events of identity policies, keys and revocation lists, under the target [`TARGET`].
//!
//! `auth_runtime::events` lists all events with their levels and fields.

mod stderr;

use std::{error::Error, fmt};

pub use stderr::show;

/// The maximum number of characters of a value from outside.
pub const MAX_FOREIGN: usize = 256;

/// The target of all events.
pub const TARGET: &str = "auth";

/// Logs at INFO that a credential was rejected.
pub fn bad_credential(error: &dyn fmt::Display) {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_bad_credentials_total").increment(1);
    tracing::info!(target: TARGET, error = %error, "bad credential");
}

/// Logs at INFO that an attempt was rejected because there were too many: `log-in`, `credential` or `route`.
#[cfg(feature = "throttle")]
pub(crate) fn throttled(what: &'static str, wait: std::time::Duration) {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_throttled_total", "what" => what).increment(1);
    tracing::info!(target: TARGET, what, wait = wait.as_secs(), "throttled");
}

/// Logs at WARN that a list of groups is not one; the value itself is not logged.
#[cfg(feature = "json")]
pub(crate) fn malformed_groups(path: &str, found: &str) {
    tracing::warn!(target: TARGET, path, found, "malformed groups");
}

pub(crate) fn ticket_refused(kind: &dyn fmt::Debug) {
    tracing::debug!(target: TARGET, kind = ?kind, "ticket refused");
}

pub(crate) fn revocation_list_nearly_full(kind: &str, entries: usize, capacity: usize) {
    tracing::warn!(target: TARGET, kind, entries, capacity, "revocation list nearly full");
}

/// Logs at ERROR that an operation failed; also on standard error if the application's configuration is the
/// cause.
pub fn failed<E: AsDynError + ?Sized>(operation: &'static str, error: &E) {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_failures_total", "operation" => operation).increment(1);
    let is_misconfiguration = error.is_misconfiguration();
    let error = error.as_dyn_error();
    if is_misconfiguration {
        show(&error.to_string());
    }
    let source = error.source().map(ToString::to_string);
    tracing::error!(
        target: TARGET,
        operation,
        error = %OneLine(error),
        source = source.as_ref().map(|source| tracing::field::display(OneLine(source))),
        "failed"
    );
}

/// Logs at ERROR that the application is misconfigured.
pub fn misconfigured(error: &str) {
    show(error);
    tracing::error!(target: TARGET, error, "misconfigured");
}

/// Errors that are logged, boxed or not.
pub trait AsDynError {
    /// Returns the error itself.
    fn as_dyn_error(&self) -> &(dyn Error + 'static);

    /// Returns whether the application's configuration is the cause.
    fn is_misconfiguration(&self) -> bool {
        false
    }
}

/// Text without line breaks and other control characters, so that an event stays one line (log injection).
#[derive(Debug)]
pub struct OneLine<T>(pub T);

impl<T: fmt::Display> fmt::Display for OneLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.to_string().chars() {
            if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
            {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}
