//! Logs decisions, changes of identity, and failures as `tracing` events.
//!
//! The target is `auth`. An event contains the user's id, but no identity, cookie, secret key (key ids are
//! public) or header. If an authorization policy maps identities to users, `user` is empty until it has run.
//! Values from outside are cut and stay on one line (log injection).
//!
//! | message | level | fields |
//! |---|---|---|
//! | `allow` | DEBUG | `user`, `actor`, `guard`, `permission`, `context`, `reason`, `rule`, `rule_id` |
//! | `deny` | INFO | `user`, `actor`, `guard`, `permission`, `context`, `reason`, `rule`, `rule_id`, `status` |
//! | `shadow` | INFO | `user`, `actor`, `guard`, `permission`, `context`, `allowed`, `reason`, `rule`, `rule_id`, `shadow`, `shadow_allowed`, `shadow_reason`, `shadow_rule`, `shadow_rule_id`: a guard's shadow would have decided differently |
//! | `explanation` | DEBUG | `guard`, `text`: the reason for a `deny` by rules, line by line |
//! | `policy reason` | INFO | `user`, `permission`, `text`: why the authorization policy denies it |
//! | `bad credential` | INFO | `error` |
//! | `change rejected` | INFO | `operation`, `error`: a log-in, log-out or other change was rejected because of the client's credential, or because another request has ended the log-in |
//! | `malformed groups` | WARN | `path`, `found`: the type of a claim, or of a value of a session, that is not a list of groups; the user is blocked |
//! | `refresh token reused` | WARN | `user` |
//! | `ticket refused` | DEBUG | `kind` |
//! | `claim ignored` | DEBUG | `claim`: it has a wrong type, and nothing depends on it |
//! | `token refused` | DEBUG | `kind`, `detail`: the claim, the type, or the issuer of the token and those that are accepted |
//! | `logged in` | INFO | `user` |
//! | `logged out` | INFO | `user` |
//! | `impersonation started` | INFO | `user`, `actor` |
//! | `impersonation ended` | INFO | `user`, `actor` |
//! | `logged out everywhere` | INFO | `user` |
//! | `renewed` | DEBUG | `user` |
//! | `overlay declared`, `overlay rule added`, `overlay rule removed`, `overlay rule expired` | INFO, WARN | see the module `overlay` |
//! | `revoked credential` | INFO | `user` |
//! | `revocation list nearly full` | WARN | `kind`, `entries`, `capacity`: three quarters of the capacity are used |
//! | `unknown user` | INFO | `user` |
//! | `throttled` | INFO | `what`, `wait`: too many attempts of a `log-in` or with a `credential`, or too many requests to a `route`; the next is allowed after so many seconds |
//! | `denied probes` | WARN | `user`, `guards`, `seconds`: a user, or a client without one, was denied by so many guards within so much time |
//! | `watch ended` | INFO | `user`, `reason` |
//! | `key rotated` | INFO | `from`, `to` |
//! | `key revoked` | INFO | `key` |
//! | `clock went back` | WARN | `seen`, `now` |
//! | `key document went back` | WARN | `seen`, `now`: the revisions of the newest document of shared keys, and of the one that the store returned |
//! | `session refused` | DEBUG | `reason` |
//! | `session record refused` | WARN | `reason` |
//! | `failed` | ERROR | `operation`, `error`, `source` |
//! | `misconfigured` | ERROR | `error` |
//! | `pre-flight request rejected` | WARN | `path`, `remedy`: a guard is around a CORS layer, if there is one; once for each guard |
//! | `unguarded` | ERROR | `method`, `path`, `error`: a response without a guard's decision was withheld by `AuthLayer::demand_guards` |
//! | `key skipped` | WARN | `kid`, `error` |
//! | `keys fetched` | DEBUG | `keys` |
//!
//! Without a `tracing` subscriber, the first occurrence of each misconfiguration is one line on standard
//! error: the message of `misconfigured`, or of a `failed` that the application's configuration causes.
//!
//! `actor` is present during impersonation. `reason` is one of `rule`, `overlay`, `no_rule`, `blocked`,
//! `policy`, `abstained`, `anonymous`, `authenticated`, `impersonation`, `scope`, or the [reason of an
//! error's kind](crate::AuthErrorKind::reason), such as `stale`. `rule` counts from 1, and `rule_id` is the
//! rule's [id](crate::Rule::id), if it has one, or with the reason `overlay` the id of the rule of an
//! overlay. `guard` is `file:line function`, `layer`, `gate` for a [`PageGate`](crate::gate::PageGate), or
//! `handler` for a check in a handler.

use std::fmt;

pub(crate) use auth_identity::__private::events::{AsDynError, bad_credential, failed, misconfigured};
use auth_identity::__private::events::{MAX_FOREIGN, OneLine, show};

use crate::identity::UserId;

/// The target of all events.
pub const TARGET: &str = auth_identity::__private::events::TARGET;

/// A guard's decision, for the log.
pub(crate) struct DecisionEvent<'a> {
    pub(crate) user: Option<&'a UserId>,
    pub(crate) actor: Option<&'a UserId>,
    pub(crate) guard: &'a dyn fmt::Display,
    pub(crate) permission: &'a str,
    pub(crate) context: &'a str,
    pub(crate) reason: &'static str,
    pub(crate) rule: Option<usize>,
    pub(crate) rule_id: Option<&'a str>,
}

/// The decision of an ACL.
#[derive(Clone, Copy)]
pub(crate) struct ListDecision<'a> {
    pub(crate) allowed: bool,
    pub(crate) reason: &'static str,
    pub(crate) rule: Option<usize>,
    pub(crate) rule_id: Option<&'a str>,
}

/// Different decisions of an ACL and its shadow.
pub(crate) struct Difference<'a> {
    pub(crate) user: Option<&'a UserId>,
    pub(crate) actor: Option<&'a UserId>,
    pub(crate) guard: &'a dyn fmt::Display,
    pub(crate) permission: &'a str,
    pub(crate) context: &'a str,
    pub(crate) shadow: &'a str,
    pub(crate) now: ListDecision<'a>,
    pub(crate) next: ListDecision<'a>,
}

/// Returns the number of a rule, counting from 1.
fn number(rule: Option<usize>) -> Option<u64> {
    rule.and_then(|rule| u64::try_from(rule).ok()).map(|rule| rule.saturating_add(1))
}

impl DecisionEvent<'_> {
    fn user(&self) -> &str {
        self.user.map_or("", |user| user.as_str())
    }

    fn rule(&self) -> Option<u64> {
        number(self.rule)
    }
}

/// Logs that a change of the identity was rejected, and neither a store nor the application is the cause.
pub(crate) fn change_rejected(operation: &'static str, error: &dyn fmt::Display) {
    tracing::info!(target: TARGET, operation, error = %OneLine(error), "change rejected");
}

/// Logs that a guard rejected a pre-flight request.
pub(crate) fn preflight_rejected(path: &str) {
    let path: String = path.chars().take(MAX_FOREIGN).collect();
    tracing::warn!(
        target: TARGET,
        path = %OneLine(path),
        remedy = "if there is a CORS layer inside of the guard, add it after the guard",
        "pre-flight request rejected"
    );
}

/// Returns whether the event is enabled, so that its fields need not be computed otherwise.
pub(crate) fn wanted(allowed: bool) -> bool {
    if allowed {
        tracing::enabled!(target: TARGET, tracing::Level::DEBUG)
    } else {
        tracing::enabled!(target: TARGET, tracing::Level::INFO)
    }
}

/// Logs a decision; `status` is that of the response to a rejected request.
pub(crate) fn decided(decision: &DecisionEvent<'_>, status: Option<u16>) {
    let Some(status) = status else {
        tracing::debug!(
            target: TARGET,
            user = decision.user(),
            actor = decision.actor.map(UserId::as_str),
            guard = %decision.guard,
            permission = decision.permission,
            context = decision.context,
            reason = decision.reason,
            rule = decision.rule(),
            rule_id = decision.rule_id,
            "allow"
        );
        return;
    };
    tracing::info!(
        target: TARGET,
        user = decision.user(),
        actor = decision.actor.map(UserId::as_str),
        guard = %decision.guard,
        permission = decision.permission,
        context = decision.context,
        reason = decision.reason,
        rule = decision.rule(),
        rule_id = decision.rule_id,
        status,
        "deny"
    );
}

pub(crate) fn shadow(difference: &Difference<'_>) {
    let Difference { now, next, .. } = difference;
    tracing::info!(
        target: TARGET,
        user = difference.user.map_or("", |user| user.as_str()),
        actor = difference.actor.map(UserId::as_str),
        guard = %difference.guard,
        permission = difference.permission,
        context = difference.context,
        allowed = now.allowed,
        reason = now.reason,
        rule = number(now.rule),
        rule_id = now.rule_id,
        shadow = difference.shadow,
        shadow_allowed = next.allowed,
        shadow_reason = next.reason,
        shadow_rule = number(next.rule),
        shadow_rule_id = next.rule_id,
        "shadow"
    );
}

/// Returns whether DEBUG is enabled.
pub(crate) fn explanations_wanted() -> bool {
    tracing::enabled!(target: TARGET, tracing::Level::DEBUG)
}

pub(crate) fn explained(guard: &dyn fmt::Display, explanation: &dyn fmt::Display) {
    for line in explanation.to_string().lines() {
        tracing::debug!(target: TARGET, guard = %guard, text = %OneLine(line), "explanation");
    }
}

/// Logs why the application's own policy denies a permission
pub(crate) fn policy_reason(user: Option<&UserId>, permission: &dyn fmt::Display, reason: &str) {
    let user = user.map_or("", |user| user.as_str());
    tracing::info!(target: TARGET, user, permission = %permission, text = %OneLine(reason), "policy reason");
}

pub(crate) fn logged_in(user: Option<&UserId>) {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_logins_total").increment(1);
    tracing::info!(target: TARGET, user = user.map_or("", |user| user.as_str()), "logged in");
}

pub(crate) fn logged_out(user: Option<&UserId>) {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_logouts_total").increment(1);
    tracing::info!(target: TARGET, user = user.map_or("", |user| user.as_str()), "logged out");
}

pub(crate) fn impersonation_started(user: Option<&UserId>, actor: Option<&UserId>) {
    let (user, actor) = (user.map_or("", |user| user.as_str()), actor.map_or("", |actor| actor.as_str()));
    tracing::info!(target: TARGET, user, actor, "impersonation started");
}

pub(crate) fn impersonation_ended(user: Option<&UserId>, actor: Option<&UserId>) {
    let (user, actor) = (user.map_or("", |user| user.as_str()), actor.map_or("", |actor| actor.as_str()));
    tracing::info!(target: TARGET, user, actor, "impersonation ended");
}

pub(crate) fn logged_out_everywhere(user: &UserId) {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_logouts_total").increment(1);
    tracing::info!(target: TARGET, user = user.as_str(), "logged out everywhere");
}

/// Logs that a user, or a client without one, is looking for what it can reach
#[cfg(feature = "throttle")]
pub(crate) fn denied_probes(user: Option<&UserId>, guards: u32, window: std::time::Duration) {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_probe_alarms_total").increment(1);
    let (user, seconds) = (user.map_or("", |user| user.as_str()), window.as_secs());
    tracing::warn!(target: TARGET, user, guards, seconds, "denied probes");
}

/// Logs the end of a watch
pub(crate) fn watch_ended(user: Option<&UserId>, reason: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_watches_ended_total", "reason" => reason).increment(1);
    tracing::info!(target: TARGET, user = user.map_or("", |user| user.as_str()), reason, "watch ended");
}

/// Logs a valid credential of a user that does not exist (any more)
pub(crate) fn gone(user: &UserId) {
    tracing::info!(target: TARGET, user = user.as_str(), "unknown user");
}

pub(crate) fn revoked(user: &UserId) {
    tracing::info!(target: TARGET, user = user.as_str(), "revoked credential");
}

pub(crate) fn renewed(user: Option<&UserId>) {
    tracing::debug!(target: TARGET, user = user.map_or("", |user| user.as_str()), "renewed");
}

/// Logs a response that would undo a newer one of the same browser
pub(crate) fn late_response(what: &'static str) {
    tracing::debug!(target: TARGET, what, "late response");
}

/// Logs a withheld response without a guard's decision. The path may come from the client.
pub(crate) fn unjudged(method: &http::Method, path: &str) {
    const ERROR: &str = "no guard has judged a response, so it is withheld; write `#[auth_required]` or another guard above the \
        handler, or `#[allow_anonymous]` if it is public; around a service, `guard::auth!()` or `guard::anonymous!(reason = \"…\")`";
    let path: String = path.chars().take(MAX_FOREIGN).collect();
    show(&format!("{method} {path}: {ERROR}"));
    tracing::error!(target: TARGET, %method, path = %OneLine(path), error = ERROR, "unguarded");
}
