//! The expressions of guards: permissions with `any(…)` and `all(…)`, compiled to steps that jump forward.

use auth_acl::__private::Index;

use crate::acl::{Decision, Denial, Name};

/// The target of a jump. Steps only jump to later steps.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Branch {
    /// The whole expression is granted.
    Allow,
    /// The whole expression is denied.
    Deny,
    /// Continue with that step.
    Step(usize),
}

/// One permission of an expression, evaluated by a constant list.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct AclStep {
    pub(super) step: PermissionStep,
    pub(super) index: Index,
}

/// One permission of an expression, evaluated by the application's policy.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct PermissionStep {
    pub(super) permission: Name<'static>,
    pub(super) granted: Branch,
    pub(super) refused: Branch,
}

impl AclStep {
    #[must_use]
    pub const fn new(permission: Name<'static>, index: Index, granted: Branch, refused: Branch) -> Self {
        Self { step: PermissionStep::new(permission, granted, refused), index }
    }

    pub(crate) const fn permission(&self) -> Name<'static> {
        self.step.permission
    }
}

impl PermissionStep {
    #[must_use]
    pub const fn new(permission: Name<'static>, granted: Branch, refused: Branch) -> Self {
        Self { permission, granted, refused }
    }

    /// Returns the name of one permission, and an expression as source text.
    pub(super) const fn text_of(steps: &'static [Self], text: &'static str) -> &'static str {
        match steps {
            [Self { permission: Name::Text(name), .. }] => name,
            _ => text,
        }
    }
}

impl AsRef<PermissionStep> for AclStep {
    fn as_ref(&self) -> &PermissionStep {
        &self.step
    }
}

impl AsRef<Self> for PermissionStep {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// Evaluates an expression with the decision that `decide` makes for each permission.
pub(super) fn decide_steps<T: AsRef<PermissionStep>>(
    steps: &[T],
    decide: impl Fn(&T) -> Decision,
) -> Decision {
    let mut walk = Walk::default();
    while let Some(step) = walk.step(steps) {
        if let Some(decision) = walk.go(decide(step), step) {
            return decision;
        }
    }
    Decision::Deny(Denial::NoRule)
}

/// The evaluation of an expression. It only moves forward, so it terminates.
#[derive(Default)]
pub(super) struct Walk {
    at: usize,
}

impl Walk {
    pub(super) fn step<'s, T>(&self, steps: &'s [T]) -> Option<&'s T> {
        steps.get(self.at)
    }

    /// Returns the decision about the whole expression if this one settles it.
    pub(super) fn go(&mut self, decision: Decision, step: &impl AsRef<PermissionStep>) -> Option<Decision> {
        let PermissionStep { granted, refused, .. } = *step.as_ref();
        match if decision.is_allow() { granted } else { refused } {
            Branch::Step(next) if next > self.at => {
                self.at = next;
                None
            }
            Branch::Allow if decision.is_allow() => Some(decision),
            Branch::Deny if !decision.is_allow() => Some(decision),
            Branch::Allow | Branch::Deny | Branch::Step(_) => Some(Decision::Deny(Denial::NoRule)),
        }
    }
}
