//! Counts the denials of guards, and logs the alarm of `Throttle::with_probe_alarm`.

use axum::extract::MatchedPath;
use http::request::Parts;

use super::Spec;
use crate::{
    auth::{Facts, GuardDecision, RequestState},
    config::incoming,
    error_kind::AuthErrorKind,
    events,
    guard_probe::Probe,
    identity::UserId,
};

/// Returns whether a decision is to be counted: a denial, and neither a failure nor a limit.
pub(super) fn counts(state: &RequestState, decision: &GuardDecision) -> bool {
    state.config().throttle.as_ref().is_some_and(crate::throttle::Throttle::has_alarm)
        && decision.rejection().is_some_and(|kind| {
            kind.status().is_client_error() && !matches!(kind, AuthErrorKind::Throttled { .. })
        })
}

/// Counts a denial, unless a test is only comparing guards with the access table. A failure of the store is logged, and
/// does not change the response.
pub(super) async fn count(state: &RequestState, facts: &Facts, parts: &Parts, spec: &Spec) {
    let Some(throttle) = state.config().throttle.as_ref() else { return };
    if Probe::of(&parts.extensions).is_some() {
        return;
    }
    let user = facts.known_user();
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let site = spec.site.to_string();
    let request = incoming(parts, state.config().clock.now());
    let what = [site.as_bytes(), route.as_bytes()];
    match throttle.count_denial(&what, user.map(UserId::as_str), &request).await {
        Ok(None) => {}
        Ok(Some((guards, window))) => events::denied_probes(user, guards, window),
        Err(error) => events::failed("throttle", &error),
    }
}
