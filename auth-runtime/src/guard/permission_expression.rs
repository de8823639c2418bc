//! Evaluates the expressions of guards, permissions or scopes with `any(…)` and `all(…)`, compiled to steps
//! that jump forward: [`Steps`].

use std::collections::BTreeSet;

use auth_acl::__private::{Index, decide_at_best};

use crate::acl::{Acl, Decision, Denial, Grant, Name, OverlayRules, Principals, decide_with_overlay};

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

/// One permission or scope of an expression.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Step<'a> {
    pub(crate) permission: Name<'a>,
    /// The rules of the guard's list that match the permission; without it, the whole list is evaluated
    index: Option<&'static Index>,
    granted: Branch,
    refused: Branch,
}

/// The expression of a guard, as far as it is evaluated.
#[derive(Clone, Copy)]
pub(crate) struct Steps {
    all: &'static [Step<'static>],
    /// The index of the step to decide about. It only grows, so the evaluation terminates.
    at: usize,
}

/// The decision of an expression that no step settles, which the macros do not generate.
pub(crate) const NO_RULE: Decision = Decision::Deny(Denial::NoRule);

impl<'a> Step<'a> {
    pub const fn new(
        permission: Name<'a>,
        index: Option<&'static Index>,
        granted: Branch,
        refused: Branch,
    ) -> Self {
        Self { permission, index, granted, refused }
    }

    /// Returns whether the decision for `user` could depend on groups.
    pub(crate) fn needs_groups(&self, user: Option<&str>) -> bool {
        self.index.is_none_or(|index| index.needs_groups(user))
    }

    /// Decides by a constant list, and by the rules of overlays before; `None` if a rule of the permission has a
    /// condition.
    pub(crate) fn decide(
        &self,
        list: &Acl,
        principals: &Principals<'_>,
        overlay: Option<&OverlayRules>,
    ) -> Option<Decision> {
        match self.index {
            Some(index) if index.is_conditional() => None,
            Some(index) if overlay.is_none() => Some(index.decide(principals)),
            None if list.has_conditions() => None,
            _ => Some(decide_with_overlay(list, self.permission, principals, overlay)),
        }
    }

    /// Decides with the answers to conditions that allow the most, or the least.
    pub(crate) fn decide_statically(
        &self,
        list: &Acl,
        principals: &Principals<'_>,
        overlay: Option<&OverlayRules>,
        is_at_best: bool,
    ) -> Decision {
        match self.decide(list, principals, overlay) {
            Some(decision) => decision,
            // The guard of a list has no resource.
            None if is_at_best => decide_at_best(list, self.permission, principals, overlay, |condition| {
                !condition.is_about_resource()
            }),
            None => decide_with_overlay(list, self.permission, principals, overlay),
        }
    }
}

impl Steps {
    pub(crate) const fn new(all: &'static [Step<'static>]) -> Self {
        Self { all, at: 0 }
    }

    /// Returns the permissions or scopes.
    pub(crate) fn names(self) -> impl Iterator<Item = Name<'static>> {
        self.all.iter().map(|step| step.permission)
    }

    /// Returns the sets of names of which each suffices: those that are granted on one way through the steps.
    pub(crate) fn sufficient_sets(self) -> Vec<BTreeSet<String>> {
        let (mut found, mut open) = (Vec::new(), vec![(self, BTreeSet::new())]);
        while let Some((mut steps, mut held)) = open.pop() {
            let Some(step) = steps.step() else { continue };
            let mut refused = steps;
            if refused.go(step, NO_RULE).is_none() {
                open.push((refused, held.clone()));
            }
            held.insert(step.permission.to_string());
            match steps.go(step, Decision::Allow(Grant::Policy)) {
                None => open.push((steps, held)),
                Some(decision) if decision.is_allow() => found.push(held),
                Some(_) => {}
            }
        }
        found
    }

    /// Evaluates the expression with the decision that `decide` makes for each step.
    pub(crate) fn decide(mut self, decide: impl Fn(Step<'static>) -> Decision) -> Decision {
        while let Some(step) = self.step() {
            if let Some(decision) = self.go(step, decide(step)) {
                return decision;
            }
        }
        NO_RULE
    }

    /// Returns the step to decide about.
    pub(crate) fn step(&self) -> Option<Step<'static>> {
        self.all.get(self.at).copied()
    }

    /// Returns the decision about the whole expression if this one settles it.
    pub(crate) fn go(&mut self, step: Step<'_>, decision: Decision) -> Option<Decision> {
        match if decision.is_allow() { step.granted } else { step.refused } {
            Branch::Step(next) if next > self.at => {
                self.at = next;
                None
            }
            Branch::Allow if decision.is_allow() => Some(decision),
            Branch::Deny if !decision.is_allow() => Some(decision),
            Branch::Allow | Branch::Deny | Branch::Step(_) => Some(NO_RULE),
        }
    }
}
