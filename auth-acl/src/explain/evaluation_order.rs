//! Lists the rules of a list and of its overlay in the order in which they are evaluated, for explanations:
//! [`Evaluated`].

use alloc::vec::Vec;

use super::Hit;
use crate::{Decision, Denial, Grant, Name, OverlayRule, OverlayRules, Principal, Principals, Rule};

/// A rule of a list or of an overlay, with its index there.
#[derive(Clone, Copy)]
pub(super) enum Evaluated<'a> {
    Overlay(usize, &'a OverlayRule),
    Rule(usize, &'a Rule<'a>),
}

/// Returns the rules in the order in which they are evaluated, each once.
pub(super) fn in_order<'a>(rules: &'a [Rule<'a>], overlay: Option<&'a OverlayRules>) -> Vec<Evaluated<'a>> {
    let (mut all, mut seen) = (Vec::new(), Vec::new());
    for (at, rule) in rules.iter().enumerate() {
        if let (Some(overlay), Some(under)) = (overlay, rule.overlay())
            && !seen.contains(&under)
        {
            seen.push(under);
            all.extend(overlay.of(*under).map(|(at, rule)| Evaluated::Overlay(at, rule)));
        }
        all.push(Evaluated::Rule(at, rule));
    }
    all
}

impl Evaluated<'_> {
    pub(super) fn has_decided(self, decision: Decision) -> bool {
        match self {
            Self::Overlay(at, _) => {
                decision == Decision::Deny(Denial::Overlay(at))
                    || decision == Decision::Allow(Grant::Overlay(at))
            }
            Self::Rule(at, _) => decision.rule() == Some(at),
        }
    }

    fn holds(self, permission: Name<'_>) -> bool {
        match self {
            Self::Overlay(_, rule) => rule.holds(permission),
            Self::Rule(_, rule) => rule.permissions().hold(permission),
        }
    }

    fn principal(&self) -> Principal<'_> {
        match self {
            Self::Overlay(_, rule) => rule.principal(),
            Self::Rule(_, rule) => rule.principal(),
        }
    }
}

/// A question, with the place of the rule that decided it.
pub(super) struct Question<'a> {
    pub(super) permission: Name<'a>,
    pub(super) principals: &'a Principals<'a>,
    pub(super) decider: Option<usize>,
}

impl Question<'_> {
    /// Returns the effect of the rule at a place.
    pub(super) fn hit(&self, at: usize, rule: Evaluated<'_>) -> Hit {
        if self.principals.is_blocked() {
            return Hit::NotEvaluated;
        }
        match self.decider {
            Some(decider) if at == decider => Hit::Decides,
            _ if !rule.holds(self.permission) => Hit::OtherPermission,
            Some(decider) if at > decider => Hit::ComesTooLate,
            _ if !self.principals.include(rule.principal()) => Hit::OtherPrincipal,
            _ if matches!(rule, Evaluated::Rule(_, rule) if rule.is_conditional()) => Hit::ConditionFails,
            _ => Hit::ComesTooLate,
        }
    }
}
