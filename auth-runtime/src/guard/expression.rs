//! The expressions of guards: permissions with `any(…)` and `all(…)`, as steps that lead to later steps.

use auth_acl::__private::Index;

use crate::acl::{Decision, Denial, Name};

/// Where to go after a step. Steps lead to later steps only.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Branch {
    /// The whole expression is granted.
    Allow,
    /// The whole expression is refused.
    Deny,
    /// That step decides.
    Step(usize),
}

/// One permission of an expression, judged by a constant list.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct AclStep {
    pub(super) step: PermissionStep,
    pub(super) index: Index,
}

/// One permission of an expression, judged by the application's policy.
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

    /// Returns the name of one permission, and an expression as it stands in the source.
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

/// Decides an expression by what `decide` says of each permission.
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

/// A walk through the steps of an expression. It only goes forward, so it ends.
#[derive(Default)]
pub(super) struct Walk {
    at: usize,
}

impl Walk {
    pub(super) fn step<'s, T>(&self, steps: &'s [T]) -> Option<&'s T> {
        steps.get(self.at)
    }

    /// Returns the decision about the whole expression when this one settles it.
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
