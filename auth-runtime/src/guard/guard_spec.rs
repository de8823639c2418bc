//! Describes a guard as data, which the macros generate and [`enforce`](super::enforce) reads: [`Spec`].

use std::{fmt, marker::PhantomData};

use auth_acl::__private::{Declared, Words, check_resource_permission};
use axum::response::Response;

use super::{
    Shadow,
    accepted_callers::Callers,
    permission_expression::{Step, Steps},
};
use crate::{
    acl::{Acl, Name, ResourceDeclaration},
    identity::StepUp,
    refusal::{Lacking, Refusal},
};

/// Provides the data of one guard. The attributes implement it for a generated type beside the handler.
#[doc(hidden)]
pub trait GuardSpec: 'static {
    /// The requirement of the guard.
    const SPEC: &'static Spec;

    /// Whether this guard, or one that follows it, rejects every anonymous request.
    const REJECTS_ANONYMOUS: bool = Self::SPEC.rejects_anonymous();

    /// Visits the requirement of this guard, and those of the guards that follow it. `resource` is about the one
    /// whose rules this guard evaluates.
    fn each(resource: Option<ResourceDeclaration>, show: &mut ShowGuard<'_>) {
        show(Self::SPEC, resource);
    }
}

/// Takes the requirement of a guard, and what is known about the resource whose rules it evaluates.
#[doc(hidden)]
pub type ShowGuard<'a> = dyn FnMut(&'static Spec, Option<ResourceDeclaration>) + 'a;

/// The guard `A`, followed by the guard `B` further on among the handler's arguments.
#[doc(hidden)]
#[derive(Debug)]
pub struct With<A, B>(PhantomData<fn() -> (A, B)>);

impl<A: GuardSpec, B: GuardSpec> GuardSpec for With<A, B> {
    const SPEC: &'static Spec = A::SPEC;
    const REJECTS_ANONYMOUS: bool = A::REJECTS_ANONYMOUS || B::REJECTS_ANONYMOUS;

    fn each(resource: Option<ResourceDeclaration>, show: &mut ShowGuard<'_>) {
        A::each(resource, show);
        B::each(None, show);
    }
}

/// The requirement of a guard, its options, and its source position.
#[doc(hidden)]
#[must_use]
#[cfg_attr(
    feature = "csrf",
    expect(clippy::struct_excessive_bools, reason = "each is an option of the attributes")
)]
pub struct Spec {
    pub(crate) site: Site,
    pub(crate) kind: GuardKind,
    /// The permissions or scopes: a single one by its name, and an expression as source text
    pub(crate) text: &'static str,
    /// The name of the list or of the argument whose rules decide, as source text; empty for none
    pub(crate) context: &'static str,
    /// The list whose rules decide
    pub(crate) list: Acl,
    /// A minimal sufficient set of scopes, separated by spaces, if scopes are required
    pub(crate) fewest: Option<&'static str>,
    /// The expression of permissions or scopes
    steps: &'static [Step<'static>],
    /// The permissions of the enum that the required ones are variants of
    pub(crate) words: Option<Words>,
    // The options.
    /// Whether only users or only services are accepted
    pub(crate) callers: Callers,
    /// How recently and in which context the user must have authenticated
    pub(crate) step_up: StepUp,
    pub(crate) hide: bool,
    /// Whether the handler's last argument verifies the CSRF token of a form
    #[cfg(feature = "csrf")]
    pub(crate) csrf_form: bool,
    /// How many requests of each caller the route takes
    #[cfg(feature = "throttle")]
    pub(crate) limit: Option<crate::throttle::Limit>,
    /// Whether a resource may be allowed for anonymous requests, so that it is loaded for them
    pub(crate) anonymous: bool,
    /// Whether the resource is read from the body, so that the decision is late
    pub(crate) from_body: bool,
    /// The function that responds to rejected requests in place of the application's
    pub(crate) refusal: Option<fn(&Refusal) -> Response>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) until: Option<&'static str>,
    /// A list that is evaluated as well, and does not decide
    pub(crate) shadow: Option<Shadow>,
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} ({})", self.kind, self.text, self.site)
    }
}

/// The kind of a guard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum GuardKind {
    /// There is a user, who is not blocked
    AnyUser,
    /// Every request may pass, as the source states
    Anybody,
    /// A constant list grants the permission
    ByAcl,
    /// The application's policy grants the permission, perhaps for one of the handler's arguments
    ByPolicy,
    /// The rules of the handler's own argument grant the permission
    ByResource,
    /// The access token has the scopes
    ByScope,
}

/// The source position of a guard. A layer has no function: its name is empty.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Site {
    pub(crate) function: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
}

impl Site {
    pub const fn new(function: &'static str, file: &'static str, line: u32) -> Self {
        Self { function, file, line }
    }

    /// Returns whether the guard is a layer and not an attribute.
    pub(crate) const fn is_layer(&self) -> bool {
        self.function.is_empty()
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let function = if self.is_layer() { "layer" } else { self.function };
        // A gate is not in the source of a handler.
        if self.file.is_empty() {
            return f.write_str(function);
        }
        write!(f, "{}:{} {function}", self.file, self.line)
    }
}

impl Spec {
    /// Requires what the macro says. `context` is the name of the list or of the argument whose rules decide,
    /// or empty.
    pub const fn new(
        site: Site,
        kind: GuardKind,
        text: &'static str,
        context: &'static str,
        steps: &'static [Step<'static>],
    ) -> Self {
        let text = match steps {
            [Step { permission: Name::Text(name), .. }] => name,
            _ => text,
        };
        Self {
            site,
            kind,
            text,
            context,
            list: Acl::EMPTY,
            fewest: None,
            steps,
            words: None,
            callers: Callers::Any,
            step_up: StepUp::NONE,
            hide: false,
            #[cfg(feature = "csrf")]
            csrf_form: false,
            #[cfg(feature = "throttle")]
            limit: None,
            anonymous: false,
            from_body: false,
            refusal: None,
            reason: None,
            until: None,
            shadow: None,
        }
    }

    /// Sets the list whose rules decide.
    pub const fn by_list(mut self, list: Acl) -> Self {
        self.list = list;
        self
    }

    /// Sets the enum that the required permissions are variants of.
    pub const fn of(mut self, permission: &Declared) -> Self {
        self.words = Some(permission.words());
        self
    }

    /// Sets a minimal sufficient set of scopes, separated by spaces.
    pub const fn fewest(mut self, scopes: &'static str) -> Self {
        self.fewest = Some(scopes);
        self
    }

    pub(crate) const fn steps(&self) -> Steps {
        Steps::new(self.steps)
    }

    /// Stops the build when the guard asks a resource for a permission that is not one of these.
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "`at` stays below the length; constants have no iterators"
    )]
    pub(super) const fn check_permissions_of(&self, words: &Words) {
        let mut at = 0;
        while at < self.steps.len() {
            check_resource_permission(words, "the resource", self.steps[at].permission);
            at += 1;
        }
    }

    /// Returns whether the guard decides about one of the handler's arguments, which it loads first.
    pub(crate) const fn loads_argument(&self) -> bool {
        match self.kind {
            GuardKind::ByResource => true,
            GuardKind::ByPolicy => !self.context.is_empty(),
            _ => false,
        }
    }

    /// Returns whether the guard rejects every anonymous request, independent of its rules.
    pub(crate) const fn rejects_anonymous(&self) -> bool {
        match self.kind {
            GuardKind::AnyUser | GuardKind::ByScope => true,
            _ if self.loads_argument() && !self.anonymous => true,
            _ => !self.step_up.is_none() || self.callers.word().is_some(),
        }
    }

    /// Returns what a rejected request lacks.
    pub(crate) fn lacking(&self) -> Lacking {
        let lacking = match self.fewest {
            Some(scopes) => Lacking::scopes(scopes.into()),
            None => Lacking::permission(self.text.into()),
        };
        lacking.with_step_up(self.step_up)
    }
}
