//! Lists the conditions that a decision depends on: [`Dependence`].

use std::fmt;

use auth_acl::__private::first_that_fires;

use crate::acl::{Acl, Action, Condition, Name, OverlayRules, Principals};

/// How many rules are kept.
const MOST: usize = 4;

/// The rules with [conditions](crate::conditions) on which the decision about a kind of request depends.
///
/// Its text is `if office-hours`, `unless maintenance`, or several of them, in the order of the rules.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Dependence {
    rules: [Option<(Action, &'static [Condition])>; MOST],
    /// There are more than fit.
    has_more: bool,
}

impl Dependence {
    /// Adds the rules of a list that may decide before an unconditional one and before the rules of an overlay, and
    /// returns the index of the first.
    pub(super) fn add(
        &mut self,
        list: &Acl,
        permission: Name<'_>,
        principals: &Principals<'_>,
        overlay: Option<&OverlayRules>,
    ) -> Option<usize> {
        let mut first = None;
        let _ =
            first_that_fires(list.rules().iter().copied(), permission, principals, overlay, |at, rule| {
                // The guard of a list has no resource: such a rule that denies always does, and one that allows never does.
                let is_about_resource = match rule.action() {
                    Action::Allow => rule.conditions().iter().any(Condition::is_about_resource),
                    Action::Deny => rule.conditions().iter().all(Condition::is_about_resource),
                };
                match (rule.action(), is_about_resource) {
                    (Action::Allow, true) => false,
                    (Action::Deny, true) => true,
                    _ if rule.conditions().is_empty() => true,
                    _ => {
                        first = first.or(Some(at));
                        self.push(rule.action(), rule.conditions());
                        false
                    }
                }
            });
        first
    }

    fn push(&mut self, action: Action, conditions: &'static [Condition]) {
        let new = Some((action, conditions));
        if self.rules.contains(&new) {
            return;
        }
        match self.rules.iter_mut().find(|rule| rule.is_none()) {
            Some(vacant) => *vacant = new,
            None => self.has_more = true,
        }
    }

    /// Returns the conditions, of which each may occur more than once.
    pub fn conditions(&self) -> impl Iterator<Item = Condition> {
        self.rules.into_iter().flatten().flat_map(|(_, conditions)| conditions).copied()
    }
}

impl fmt::Display for Dependence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (action, conditions)) in self.rules.iter().flatten().enumerate() {
            f.write_str(if number == 0 { "" } else { ", " })?;
            f.write_str(match action {
                Action::Allow => "if ",
                Action::Deny => "unless ",
            })?;
            for (number, condition) in conditions.iter().enumerate() {
                write!(f, "{}{condition}", if number == 0 { "" } else { " and " })?;
            }
        }
        f.write_str(if self.has_more { ", and others" } else { "" })
    }
}
