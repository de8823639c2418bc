//! The steps of `any(…)` and `all(…)`.

use super::spec::Branch;
use crate::acl::{Decision, Denial};

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
    pub(super) fn go(&mut self, decision: Decision, granted: Branch, refused: Branch) -> Option<Decision> {
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
