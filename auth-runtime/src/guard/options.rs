//! [`Options`]: declares the options of a guard, how an attribute and a layer set each, and what the access table shows
//! of it.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc, time::Duration};

use auth_acl::__private::check_shadow;
use axum::response::{IntoResponse, Response};

use super::{GuardKind, GuardLayer, GuardRecord, requirement::Requirement, shadow::Shadow, spec::Spec};
use crate::{
    acl::Acl,
    identity::{Acr, StepUp},
    refusal::{Refusal, Render},
};

/// The options of a guard.
#[derive(Clone)]
pub(super) struct Options {
    /// How recently and in which context the user must have authenticated
    pub(super) step_up: StepUp,
    pub(super) hide: bool,
    /// Whether the rules of a resource may allow anonymous requests, so that it is loaded for them
    pub(super) anonymous: bool,
    refusal: Option<fn(&Refusal) -> Response>,
    /// The same for a layer
    render: Option<Render>,
    reason: Option<&'static str>,
    until: Option<&'static str>,
    /// An ACL that is evaluated as well, and does not decide
    pub(super) shadow: Option<Shadow>,
}

/// An option as the access table shows it.
pub(crate) struct ShownOption {
    /// The name of the member in JSON
    #[cfg_attr(not(feature = "access-reports"), expect(dead_code, reason = "only JSON shows it"))]
    pub(crate) name: &'static str,
    #[cfg_attr(not(feature = "access-reports"), expect(dead_code, reason = "only JSON shows it"))]
    pub(crate) value: OptionValue,
    /// The text in the column of guards; empty for none
    pub(crate) text: Cow<'static, str>,
}

/// The value of an option in JSON.
#[cfg_attr(not(feature = "access-reports"), expect(dead_code, reason = "only JSON shows it"))]
pub(crate) enum OptionValue {
    Flag(bool),
    Seconds(u64),
    Text(&'static str),
    Texts(&'static [&'static str]),
}

impl Options {
    pub(super) const NONE: Self = Self {
        step_up: StepUp::NONE,
        hide: false,
        anonymous: false,
        refusal: None,
        render: None,
        reason: None,
        until: None,
        shadow: None,
    };

    /// Returns the function that responds to rejected requests in place of the application's.
    pub(super) fn render(&self) -> Option<&dyn Fn(&Refusal) -> Response> {
        let refusal = self.refusal.as_ref().map(|own| own as &dyn Fn(&Refusal) -> Response);
        refusal.or(self.render.as_deref().map(|own| own as &dyn Fn(&Refusal) -> Response))
    }
}

impl ShownOption {
    fn new(name: &'static str, value: OptionValue, text: impl Into<Cow<'static, str>>) -> Self {
        Self { name, value, text: text.into() }
    }
}

impl GuardRecord {
    /// Returns what the access table shows of the options, in the order in which it shows them.
    pub(crate) fn options(&self) -> impl Iterator<Item = ShownOption> {
        let anonymous = self
            .loads_for_anonymous()
            .then(|| ShownOption::new("anonymous", OptionValue::Flag(true), "anonymous included"));
        let max_age = self.max_age().map(|age| {
            let text = format!("log-in at most {} old", humantime::format_duration(age));
            ShownOption::new("max_age", OptionValue::Seconds(age.as_secs()), text)
        });
        let accepted = self.acr_values();
        let acr = (!accepted.is_empty()).then(|| {
            let text = format!("log-in by {}", accepted.join(" or "));
            ShownOption::new("acr_values", OptionValue::Texts(accepted), text)
        });
        let hidden = if self.is_hidden() { "hidden" } else { "" };
        let hidden = ShownOption::new("hidden", OptionValue::Flag(self.is_hidden()), hidden);
        let shadow = self.shadow().map(|_| {
            let context = self.shadow_context();
            let text = format!("shadow {}", context.unwrap_or("list"));
            ShownOption::new("shadow", OptionValue::Text(context.unwrap_or_default()), text)
        });
        [anonymous, max_age, acr, Some(hidden), shadow].into_iter().flatten()
    }

    /// Returns how long ago the log-in may be, if the guard requires a recent one.
    #[must_use]
    pub fn max_age(&self) -> Option<Duration> {
        self.spec().options.step_up.max_age()
    }

    /// Returns the authentication contexts (`acr`) of which the guard requires one; empty if each is accepted.
    #[must_use]
    pub fn acr_values(&self) -> &'static [&'static str] {
        self.spec().options.step_up.acr_values()
    }

    /// Returns whether it responds with 404 to the requests that it rejects.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.spec().options.hide
    }

    /// Returns whether it loads the resource for anonymous requests too, so that its rules decide about them.
    #[must_use]
    pub fn loads_for_anonymous(&self) -> bool {
        self.spec().options.anonymous && self.kind() == GuardKind::ByResource
    }

    /// Returns the shadow list, which is evaluated as well and is meant to replace the one that decides.
    #[must_use]
    pub fn shadow(&self) -> Option<&Acl> {
        self.spec().options.shadow.as_ref().map(Shadow::list)
    }

    /// Returns the name of the shadow list, as source text.
    #[must_use]
    pub fn shadow_context(&self) -> Option<&'static str> {
        self.spec().options.shadow.as_ref().and_then(Shadow::context)
    }

    pub(crate) fn reason(&self) -> Option<&'static str> {
        self.spec().options.reason
    }

    pub(crate) fn until(&self) -> Option<&'static str> {
        self.spec().options.until
    }
}

// The options of an attribute, which calls these functions.
impl Spec {
    /// Requires a log-in that is at most so many seconds ago (step-up authentication).
    #[must_use]
    pub const fn fresh(mut self, seconds: u64) -> Self {
        self.options.step_up = self.options.step_up.with_max_age(Duration::from_secs(seconds));
        self
    }

    /// Requires a log-in in one of these authentication contexts (step-up authentication).
    #[must_use]
    pub const fn acr(mut self, accepted: &'static [&'static str]) -> Self {
        self.options.step_up = self.options.step_up.with_acr_values(accepted);
        self
    }

    /// Evaluates another ACL as well, and logs differences.
    #[must_use]
    pub const fn shadow(mut self, shadow: &'static Shadow) -> Self {
        self.options.shadow = Some(*shadow);
        self
    }

    /// Loads the resource for anonymous requests too.
    #[must_use]
    pub const fn for_anonymous(mut self) -> Self {
        self.options.anonymous = true;
        self
    }

    /// Responds with 404 to requests that the guard rejects.
    #[must_use]
    pub const fn hide(mut self) -> Self {
        self.options.hide = true;
        self
    }

    /// Responds to rejected requests with what `refusal` returns.
    #[must_use]
    pub const fn with_refusal(mut self, refusal: fn(&Refusal) -> Response) -> Self {
        self.options.refusal = Some(refusal);
        self
    }

    /// Sets the reason why the handler is public.
    #[must_use]
    pub const fn because(mut self, reason: &'static str) -> Self {
        self.options.reason = Some(reason);
        self
    }

    /// Sets the last day on which the reason is valid.
    #[must_use]
    pub const fn until(mut self, day: &'static str) -> Self {
        self.options.until = Some(day);
        self
    }
}

// The options of a layer.
impl GuardLayer {
    fn options(&mut self) -> &mut Options {
        &mut Arc::make_mut(&mut self.spec).options
    }

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
    pub fn fresh(mut self, max_age: Duration) -> Self {
        assert!(
            !matches!(self.spec.requirement, Requirement::Anonymous),
            "this guard allows anonymous requests, which have no log-in; write `guard::auth()`"
        );
        assert!(max_age >= Duration::from_secs(1), "no log-in is that recent; give it at least a second");
        let options = self.options();
        options.step_up = options.step_up.with_max_age(max_age);
        self
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
    pub fn acr(mut self, accepted: &'static [&'static str]) -> Self {
        assert!(
            !matches!(self.spec.requirement, Requirement::Anonymous),
            "this guard allows anonymous requests, which have no log-in; write `guard::auth()`"
        );
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
        let options = self.options();
        options.step_up = options.step_up.with_acr_values(accepted);
        self
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
    #[expect(clippy::panic, reason = "documented; an application that cannot be set up does not start")]
    pub fn shadow(mut self, next: Acl) -> Self {
        let Requirement::List { permission, .. } = &self.spec.requirement else {
            panic!("this guard asks no list; a shadow belongs to `guard::acl(…)`")
        };
        check_shadow(&next, "the shadow", permission.name(), true);
        self.options().shadow = Some(Shadow::of_layer(next));
        self
    }

    /// Responds with 404 to requests that the guard rejects, like `hide` in an attribute.
    ///
    /// On a [`guarded::Router`](crate::guarded::Router), apply it before the routes are added; then the other
    /// methods of their paths are answered with 404, too. Axum adds `Allow` to any other response to a method
    /// that a route does not have.
    pub fn hide(mut self) -> Self {
        self.options().hide = true;
        self
    }

    /// Responds to rejected requests with what `refusal` returns, as `refusal = …` does in an attribute.
    pub fn with_refusal<F, R>(mut self, refusal: F) -> Self
    where
        F: Fn(&Refusal) -> R + Send + Sync + 'static,
        R: IntoResponse,
    {
        self.options().render = Some(Arc::new(move |it| refusal(it).into_response()));
        self
    }
}
