//! Sets the options of a guard, for the macros.

use std::time::Duration;

use axum::response::Response;

use super::{Shadow, Spec, accepted_callers::Callers};
use crate::refusal::Refusal;

impl Spec {
    /// Requires a log-in that is at most so many seconds ago (step-up authentication).
    pub const fn fresh(mut self, seconds: u64) -> Self {
        self.step_up = self.step_up.with_max_age(Duration::from_secs(seconds));
        self
    }

    /// Requires a log-in in one of these authentication contexts (step-up authentication).
    pub const fn acr(mut self, accepted: &'static [&'static str]) -> Self {
        self.step_up = self.step_up.with_acr_values(accepted);
        self
    }

    /// Rejects users.
    pub const fn only_services(mut self) -> Self {
        self.callers = Callers::Services;
        self
    }

    /// Rejects services.
    pub const fn only_users(mut self) -> Self {
        self.callers = Callers::Users;
        self
    }

    /// Evaluates another ACL as well, and logs differences.
    pub const fn shadow(mut self, shadow: Shadow) -> Self {
        self.shadow = Some(shadow);
        self
    }

    /// Loads the resource for anonymous requests too.
    pub const fn for_anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Decides when the resource has been read from the body.
    pub const fn from_body(mut self) -> Self {
        self.from_body = true;
        self
    }

    /// Responds with 404 to requests that the guard rejects.
    pub const fn hide(mut self) -> Self {
        self.hide = true;
        self
    }

    /// Responds to rejected requests with what `refusal` returns.
    pub const fn with_refusal(mut self, refusal: fn(&Refusal) -> Response) -> Self {
        self.refusal = Some(refusal);
        self
    }

    /// Sets the reason why the handler is public.
    pub const fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Sets the last day on which the reason is valid.
    pub const fn until(mut self, day: &'static str) -> Self {
        self.until = Some(day);
        self
    }
}
