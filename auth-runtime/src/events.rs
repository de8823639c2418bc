//! What is told to `tracing`: one event per decision and per change of identity, and one per failure.
//!
//! The target is `auth`. No event carries an identity, a cookie, a key or a header; the user's id is in it. Where an
//! authorization policy makes the id of the identity, `user` is empty as long as the policy was not asked.
//!
//! | message | level | fields |
//! |---|---|---|
//! | `allow` | DEBUG | `user`, `guard`, `permission`, `context`, `reason`, `rule` |
//! | `deny` | INFO | `user`, `guard`, `permission`, `context`, `reason`, `rule`, `status` |
//! | `bad credential` | INFO | `error` |
//! | `ticket refused` | DEBUG | `kind` |
//! | `logged in` | INFO | `user` |
//! | `logged out` | INFO | `user` |
//! | `renewed` | DEBUG | `user` |
//! | `session refused` | DEBUG | `reason` |
//! | `session record refused` | WARN | `reason` |
//! | `failed` | ERROR | `operation`, `error`, `source` |
//! | `misconfigured` | ERROR | `error` |
//!
//! `reason` is one of `rule`, `no_rule`, `barred`, `policy`, `anonymous`, `authenticated`, `cross_origin`,
//! `credentials`, `failure`; `rule` counts from 1; `guard` is `file:line function`, or
//! `layer`, or `handler` for a check that a handler makes.

use std::{error::Error, fmt};

use crate::identity::UserId;

/// The target of all events.
pub const TARGET: &str = "auth";

/// What a guard decided, as far as logs are concerned.
pub(crate) struct Judgement<'a> {
    pub(crate) user: Option<&'a UserId>,
    pub(crate) guard: &'a dyn fmt::Display,
    pub(crate) permission: &'a str,
    pub(crate) context: &'a str,
    pub(crate) reason: &'static str,
    pub(crate) rule: Option<usize>,
}

impl Judgement<'_> {
    fn user(&self) -> &str {
        self.user.map_or("", |user| user.as_str())
    }

    fn rule(&self) -> Option<u64> {
        self.rule.and_then(|rule| u64::try_from(rule).ok()).map(|rule| rule.saturating_add(1))
    }
}

/// Returns whether anybody listens, so that nothing is put together for nobody.
pub(crate) fn wanted(allowed: bool) -> bool {
    if allowed {
        tracing::enabled!(target: TARGET, tracing::Level::DEBUG)
    } else {
        tracing::enabled!(target: TARGET, tracing::Level::INFO)
    }
}

pub(crate) fn allowed(judgement: &Judgement<'_>) {
    tracing::debug!(
        target: TARGET,
        user = judgement.user(),
        guard = %judgement.guard,
        permission = judgement.permission,
        context = judgement.context,
        reason = judgement.reason,
        rule = judgement.rule(),
        "allow"
    );
}

pub(crate) fn denied(judgement: &Judgement<'_>, status: u16) {
    tracing::info!(
        target: TARGET,
        user = judgement.user(),
        guard = %judgement.guard,
        permission = judgement.permission,
        context = judgement.context,
        reason = judgement.reason,
        rule = judgement.rule(),
        status,
        "deny"
    );
}

pub(crate) fn bad_credential(error: &dyn fmt::Display) {
    tracing::info!(target: TARGET, error = %error, "bad credential");
}

pub(crate) fn ticket_refused(kind: &dyn fmt::Debug) {
    tracing::debug!(target: TARGET, kind = ?kind, "ticket refused");
}

#[cfg(feature = "session")]
pub(crate) fn session_refused(reason: &'static str) {
    tracing::debug!(target: TARGET, reason, "session refused");
}

/// A store holds what no session of ours is.
#[cfg(feature = "session")]
pub(crate) fn session_record_refused(reason: &'static str) {
    tracing::warn!(target: TARGET, reason, "session record refused");
}

pub(crate) fn logged_in(user: Option<&UserId>) {
    tracing::info!(target: TARGET, user = user.map_or("", |user| user.as_str()), "logged in");
}

pub(crate) fn logged_out(user: Option<&UserId>) {
    tracing::info!(target: TARGET, user = user.map_or("", |user| user.as_str()), "logged out");
}

pub(crate) fn renewed(user: Option<&UserId>) {
    tracing::debug!(target: TARGET, user = user.map_or("", |user| user.as_str()), "renewed");
}

pub(crate) fn failed<E: AsDynError + ?Sized>(operation: &'static str, error: &E) {
    let error = error.as_dyn_error();
    let source = error.source().map(ToString::to_string);
    tracing::error!(
        target: TARGET,
        operation,
        error = %OneLine(error),
        source = source.as_ref().map(|source| tracing::field::display(OneLine(source))),
        "failed"
    );
}

pub(crate) fn misconfigured(error: &str) {
    tracing::error!(target: TARGET, error, "misconfigured");
}

/// Errors, boxed or not.
pub(crate) trait AsDynError {
    fn as_dyn_error(&self) -> &(dyn Error + 'static);
}

impl AsDynError for crate::BoxError {
    fn as_dyn_error(&self) -> &(dyn Error + 'static) {
        &**self
    }
}

impl AsDynError for crate::identity::IdentityError {
    fn as_dyn_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

/// Text without line breaks and other control characters, so that one event stays one line.
struct OneLine<T>(T);

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
