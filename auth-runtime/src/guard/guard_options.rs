//! The options of a guard: how an attribute and a layer set each.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use auth_acl::__private::check_shadow;
use axum::response::{IntoResponse, Response};

use super::{GuardKind, GuardLayer, Shadow, Spec};
use crate::{
    acl::Acl,
    identity::{Acr, StepUp},
    refusal::Refusal,
};

// Those of an attribute, which calls these functions.
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

    /// Returns the function that responds to rejected requests in place of the application's.
    pub(super) fn render(&self) -> Option<&dyn Fn(&Refusal) -> Response> {
        let refusal = self.refusal.as_ref().map(|own| own as &dyn Fn(&Refusal) -> Response);
        refusal.or(self.render.as_deref().map(|own| own as &dyn Fn(&Refusal) -> Response))
    }
}

// Those of a layer.
impl GuardLayer {
    /// Requires a log-in that is at most so long ago, like `fresh = "…"` in an attribute (step-up
    /// authentication).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::guard;
    /// use std::time::Duration;
    ///
    /// let guard = guard::auth().fresh(Duration::from_secs(600));
    /// # let _ = guard;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if it is less than a second, and on [`anonymous`](super::anonymous), which requires no log-in.
    #[track_caller]
    pub fn fresh(self, max_age: Duration) -> Self {
        assert!(max_age >= Duration::from_secs(1), "no log-in is that recent; give it at least a second");
        self.with_step_up(|step_up| step_up.with_max_age(max_age))
    }

    /// Requires a log-in in one of these authentication contexts, like `acr = "…"` in an attribute (step-up
    /// authentication).
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::guard;
    ///
    /// let guard = guard::auth().acr(&["phr", "phrh"]);
    /// # let _ = guard;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if there is none, if there are more than eight, if one is there twice or is not an
    /// [`Acr`], and on [`anonymous`](super::anonymous), which requires no log-in.
    #[track_caller]
    pub fn acr(self, accepted: &'static [&'static str]) -> Self {
        assert!(
            (1..=8).contains(&accepted.len()),
            "a guard accepts one to eight authentication contexts; write for example `.acr(&[\"phr\"])`"
        );
        assert!(
            accepted.iter().all(|acr| Acr::is_valid(acr)),
            "one of these is not an authentication context; write for example `.acr(&[\"phr\"])`"
        );
        assert!(
            accepted.iter().collect::<BTreeSet<_>>().len() == accepted.len(),
            "an authentication context is there twice; remove one"
        );
        self.with_step_up(|step_up| step_up.with_acr_values(accepted))
    }

    #[track_caller]
    fn with_step_up(self, change: impl FnOnce(StepUp) -> StepUp) -> Self {
        assert!(
            self.spec.kind != GuardKind::Anybody,
            "this guard allows anonymous requests, which have no log-in; write `guard::auth()`"
        );
        self.with(|spec| spec.step_up = change(spec.step_up))
    }

    /// Evaluates the list `next` as well, and logs differing decisions, like `shadow = …` in an attribute. It
    /// does not change the guard's decision.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{acl, guard, Acl};
    ///
    /// const FILES: Acl = acl![(Allow, Authenticated, ["read"])];
    /// const FILES_NEXT: Acl = acl![(Allow, Group("staff"), ["read"])];
    ///
    /// let guard = guard::acl("read", FILES).shadow(FILES_NEXT);
    /// # let _ = guard;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if this guard has no list, or if no rule of `next` names the permission: the application then
    /// does not start. To withdraw the permission from all callers, write a `Deny` rule for `Everyone` there.
    #[track_caller]
    pub fn shadow(self, next: Acl) -> Self {
        assert!(
            self.spec.kind == GuardKind::ByAcl,
            "this guard asks no list; a shadow belongs to `guard::acl(…)`"
        );
        self.spec.steps().names().for_each(|name| check_shadow(&next, "the shadow", name, true));
        self.with(|spec| spec.shadow = Some(Shadow::new("", next, &[])))
    }

    /// Responds with 404 to requests that the guard rejects, like `hide` in an attribute.
    ///
    /// On a [`guarded::Router`](crate::guarded::Router), apply it before the routes are added; then the other
    /// methods of their paths are answered with 404, too. Axum adds `Allow` to any other response to a method
    /// that a route does not have.
    pub fn hide(self) -> Self {
        self.with(|spec| spec.hide = true)
    }

    /// Responds to rejected requests with what `refusal` returns, as `refusal = …` does in an attribute.
    pub fn with_refusal<F, R>(self, refusal: F) -> Self
    where
        F: Fn(&Refusal) -> R + Send + Sync + 'static,
        R: IntoResponse,
    {
        self.with(|spec| spec.render = Some(Arc::new(move |it| refusal(it).into_response())))
    }
}
