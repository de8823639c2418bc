//! Limits of requests to a route: `limit = "30/1m"` of an attribute, and [`GuardLayer::limit`].

use http::request::Parts;

use super::Spec;
use crate::auth::{AuthError, RequestState};
#[cfg(feature = "throttle")]
use {
    super::GuardLayer,
    crate::{config::peer_of, identity::Incoming, route_probe::Probe, throttle::Limit},
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
    /// Fails at compile time: an attribute calls it in a constant.
    #[expect(clippy::panic, reason = "a limit that is not enforced must not compile")]
    pub const fn limit(self, _requests: u32, _seconds: u64) -> Self {
        panic!("`limit` needs the feature `throttle`; write `cargo add auth-runtime --features throttle`")
    }

    pub(super) const fn has_limit(&self) -> bool {
        false
    }
}

#[cfg(feature = "throttle")]
impl GuardLayer {
    /// Allows each user, or each client if there is no user, `requests` at once, and refills them evenly within
    /// `period`, like `limit = "…"` in an attribute. Further ones get 429 with `Retry-After`.
    ///
    /// It needs [`AuthLayer::with_throttle`](crate::AuthLayer::with_throttle): without it each request gets 500, and
    /// the log says what to add. Each route under the layer has a limit of its own. Requests that the guard rejects count,
    /// too, except those with an invalid credential.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::guard;
    /// use std::time::Duration;
    ///
    /// let guard = guard::auth().limit(30, Duration::from_secs(60));
    /// # let _ = guard;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics as [`Limit::rate`](crate::throttle::Limit::rate) does.
    #[track_caller]
    pub fn limit(self, requests: u32, period: Duration) -> Self {
        let limit = Limit::rate(requests, period);
        self.with(|spec| spec.limit = Some(limit))
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
    let request = Incoming::with_lazy_peer(parts, peer_of, state.config().clock.now());
    let what = [site.as_bytes(), route.as_bytes()];
    let counted = throttle.count_request(limit, &what, user.map(|user| user.as_str()), &request).await;
    counted.map_err(|error| AuthError::of_credential("throttle", &error))
}

#[cfg(not(feature = "throttle"))]
pub(super) async fn count(_: &RequestState, _: &Parts, _: &Spec) -> Result<(), AuthError> {
    Ok(())
}
