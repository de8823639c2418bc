//! Limits requests to a route: `limit = "30/1m"` of a guard.

use http::request::Parts;

use super::Spec;
use crate::auth::{AuthError, RequestState};
#[cfg(feature = "throttle")]
use {
    crate::{config::incoming, cross_site_requests, guard_probe::Probe, identity::Identity, throttle::Limit},
    axum::extract::MatchedPath,
    std::time::Duration,
};

#[cfg(feature = "throttle")]
impl Spec {
    /// Allows each caller so many requests at once, and refills them within so many seconds.
    pub const fn limit(mut self, requests: u32, seconds: u64) -> Self {
        self.limit = Some(Limit::rate(requests, Duration::from_secs(seconds)));
        self
    }

    pub(super) const fn has_limit(&self) -> bool {
        self.limit.is_some()
    }
}

#[cfg(not(feature = "throttle"))]
impl Spec {
    /// Fails at compile time: the macros call it in a constant.
    ///
    /// # Panics
    ///
    /// Always panics.
    #[expect(clippy::panic, reason = "a limit that is not enforced must not compile")]
    pub const fn limit(self, _requests: u32, _seconds: u64) -> Self {
        panic!("`limit` needs the feature `throttle`; write `cargo add auth-runtime --features throttle`")
    }

    #[expect(clippy::unused_self, reason = "no guard has one then")]
    pub(super) const fn has_limit(&self) -> bool {
        false
    }
}

/// Counts a request whose credential was resolved, unless a test is only comparing guards with the access table.
#[cfg(feature = "throttle")]
pub(super) async fn count(state: &RequestState, parts: &Parts, spec: &Spec) -> Result<(), AuthError> {
    let Some(limit) = spec.limit.filter(|_| Probe::of(&parts.extensions).is_none()) else { return Ok(()) };
    let Some(throttle) = &state.config().throttle else {
        return Err(AuthError::misconfigured(
            "a guard has a limit, but the layer has no throttle; add `AuthLayer::with_throttle`",
        ));
    };
    let facts = state.facts();
    let user = facts.usable().ok().and_then(|found| found.identity());
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let site = spec.site.to_string();
    let request = incoming(parts, state.config().clock.now());
    // Another site must not use up the limit of its visitors here.
    let is_foreign = user.is_none() && cross_site_requests::is_cross_site(parts, &state.config().origins);
    let from: &[u8] = if is_foreign { b"another site" } else { b"" };
    let what = [site.as_bytes(), route.as_bytes(), from];
    let counted = throttle.count_request(limit, &what, user.map(Identity::as_str), &request).await;
    counted.map_err(|error| AuthError::of_credential("throttle", &error))
}

#[cfg(not(feature = "throttle"))]
#[expect(clippy::unused_async, reason = "callers wait for the one with the feature")]
pub(super) async fn count(_: &RequestState, _: &Parts, _: &Spec) -> Result<(), AuthError> {
    Ok(())
}
