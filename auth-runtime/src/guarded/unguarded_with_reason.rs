//! Accepts unguarded services and routers with a stated reason, [`unguarded`], and records why,
//! [`Protection`].

use crate::{
    access::{
        http_methods::Methods,
        route_metadata::{RouteKind, RouteMetadata},
    },
    guard::{GuardLayer, GuardService},
    guard_probe::ProbeAnswer,
};

/// A handler, service or router that every request may reach, with the reason.
///
/// [`unguarded`] makes one.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Unguarded<T> {
    pub(super) reason: &'static str,
    pub(super) inner: T,
}

/// Adds a handler, a service or an axum router to a guarded router without a guard, and states the reason.
///
/// A function can have [`#[allow_anonymous(reason = "…")]`](crate::allow_anonymous) instead; a closure has no
/// attribute. The reason is shown in the [records](super::Router::routes) of the application, for reviewers.
///
/// # Panics
///
/// Panics when the reason is empty.
///
/// # Example
///
/// ```
/// use auth_runtime::guarded::{get, unguarded, Router};
///
/// let live = unguarded("the load balancer has no account", || async { "yes" });
/// let health: axum::Router = axum::Router::new().route("/ready", axum::routing::get(|| async { "yes" }));
/// let app: Router = Router::new()
///     .route("/live", get(live))
///     .nest("/health", unguarded("the load balancer has no account", health));
/// assert_eq!(app.routes()[0].reason(), Some("the load balancer has no account"));
/// ```
#[track_caller]
pub const fn unguarded<T>(reason: &'static str, inner: T) -> Unguarded<T> {
    assert!(!reason.trim_ascii().is_empty(), "the reason is empty; say why everybody may call this route");
    Unguarded { reason, inner }
}

/// Why a service or router was accepted.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub enum Protection {
    Guard(GuardLayer),
    Reason(&'static str),
}

impl<T> Unguarded<T> {
    pub(super) fn into_protected(self) -> (T, Protection) {
        (self.inner, Protection::Reason(self.reason))
    }
}

impl<T> GuardService<T> {
    pub(super) fn into_protected(self) -> (T, Protection) {
        (self.inner, Protection::Guard(self.guard))
    }
}

impl Protection {
    #[track_caller]
    pub(super) fn record(&self, kind: RouteKind, methods: Methods) -> RouteMetadata {
        let mut record = RouteMetadata::new(kind, methods);
        match self {
            Self::Guard(guard) => record.behind(guard),
            Self::Reason(reason) => record = record.because(reason),
        }
        record
    }

    /// Returns the response to a probe request that reaches it.
    pub(super) const fn answer(&self) -> ProbeAnswer {
        match self {
            Self::Guard(_) => ProbeAnswer::Passed,
            Self::Reason(_) => ProbeAnswer::NotAsked,
        }
    }
}
