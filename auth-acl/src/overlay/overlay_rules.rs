//! Holds all rules of the overlays that are in force: [`OverlayRules`].

use alloc::vec::Vec;

use super::{ListOverlay, OverlayRule};
use crate::{Action, Decision, Denial, Grant, Name, Principal, Principals};

/// The rules of the overlays that are in force, for all lists.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, Action, Groups, Name, Principal, Principals, acl, acl::{OverlayRule, OverlayRules}};
///
/// const ARTICLES: Acl = acl![overlay = "articles", (Allow, Group("editors"), ["edit", "delete"])];
///
/// let freeze = OverlayRule::new("articles", "freeze", Action::Deny, Principal::Everyone, [Name::Text("edit")]);
/// let rules = OverlayRules::new([freeze]);
///
/// let editors = Groups::from(["editors"]);
/// let alice = Principals::user("alice", &editors);
/// let decide = |permission| acl::decide_with_overlay(ARTICLES, Name::Text(permission), &alice, Some(&rules));
/// assert_eq!(decide("edit").to_string(), "denied by rule 1 of the overlay");
/// assert!(decide("delete").is_allow());
/// ```
#[derive(Clone, Debug, Default)]
pub struct OverlayRules {
    /// In the order of the names of lists; those of one list in the order in which they are evaluated
    rules: Vec<OverlayRule>,
}

impl OverlayRules {
    /// Collects rules. Those of one list keep their order: the first that matches decides.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = OverlayRule>) -> Self {
        let mut rules: Vec<OverlayRule> = rules.into_iter().collect();
        rules.sort_by(|a, b| a.list().cmp(b.list()));
        Self { rules }
    }

    /// Returns the rules, those of one list after each other. The index of a [decision](Decision) counts in
    /// this slice.
    #[must_use]
    pub fn rules(&self) -> &[OverlayRule] {
        &self.rules
    }

    /// Returns whether there are no rules.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Returns the rule that decided, if one of an overlay did.
    #[must_use]
    pub fn rule_of(&self, decision: Decision) -> Option<&OverlayRule> {
        match decision {
            Decision::Allow(Grant::Overlay(at)) | Decision::Deny(Denial::Overlay(at)) => self.rules.get(at),
            _ => None,
        }
    }

    /// Returns the rules of one list with their indices, except those that have no effect because they would
    /// widen it.
    pub(crate) fn of(&self, overlay: ListOverlay) -> impl Iterator<Item = (usize, &OverlayRule)> {
        let first = self.rules.partition_point(|rule| rule.list() < overlay.name());
        let rules = self.rules.iter().enumerate().skip(first);
        let own = rules.take_while(move |(_, rule)| rule.list() == overlay.name());
        own.filter(move |(_, rule)| overlay.may_widen() || rule.action() == Action::Deny)
    }

    /// Decides by the rules of one list's overlay; `None` leaves the decision to the list.
    pub(crate) fn decide(
        &self,
        overlay: ListOverlay,
        permission: Name<'_>,
        principals: &Principals<'_>,
    ) -> Option<Decision> {
        let (at, rule) = self
            .of(overlay)
            .find(|(_, rule)| rule.holds(permission) && principals.include(rule.principal()))?;
        Some(match rule.action() {
            Action::Allow => Decision::Allow(Grant::Overlay(at)),
            Action::Deny => Decision::Deny(Denial::Overlay(at)),
        })
    }

    /// Returns whether a rule names a group, so that a decision may depend on the caller's groups.
    #[must_use]
    pub fn names_groups(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.principal(), Principal::Group(_)))
    }
}
