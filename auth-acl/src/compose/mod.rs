//! Composes ACLs from others, with hierarchies of groups and of permissions, in constants.
//!
//! Hierarchies are expanded: a rule about `editors` is repeated for `admins` who include them, and a rule
//! that allows `edit` also allows the `view` that it implies. The result is a plain list, so decisions,
//! checks and proofs need no special case.

mod group_and_permission_hierarchies;
mod inheritance_in_compile_errors;
#[cfg(test)]
mod tests;

pub use group_and_permission_hierarchies::{GroupHierarchy, ImpliedPermissions, check_acyclic};
use group_and_permission_hierarchies::{brought, includer};

use super::{Action, ListOverlay, Name, Permissions, Principal, Rule};

/// The parts that a list is combined from.
#[derive(Clone, Copy, Debug)]
pub struct Composition {
    /// The rows of this list and the rules of others, in order
    pub parts: &'static [&'static [Rule<'static>]],
    /// The hierarchy of groups
    pub groups: GroupHierarchy,
    /// The hierarchy of permissions
    pub implied: ImpliedPermissions,
    /// The overlay of this list
    pub overlay: Option<&'static ListOverlay>,
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every place is compared with its length first; constants have no iterators"
)]
impl Composition {
    /// Returns how many rules precede the given row of the given part; with the number of parts, the total.
    #[must_use]
    pub const fn rules_before(&self, part: usize, row: usize) -> usize {
        let mut count = 0;
        let mut p = 0;
        while p < self.parts.len() {
            let mut r = 0;
            while r < self.parts[p].len() {
                if p > part || (p == part && r >= row) {
                    return count;
                }
                count += 1;
                let mut at = 0;
                while at < self.groups.0.len() {
                    if includer(self.groups.0, at, self.parts[p][r].principal()).is_some() {
                        count += 1;
                    }
                    at += 1;
                }
                r += 1;
            }
            p += 1;
        }
        count
    }

    /// Returns how many names there will be.
    #[must_use]
    pub const fn names_len(&self) -> usize {
        let mut count = 0;
        let mut p = 0;
        while p < self.parts.len() {
            let mut r = 0;
            while r < self.parts[p].len() {
                count += self.names_of(&self.parts[p][r]);
                r += 1;
            }
            p += 1;
        }
        count
    }

    const fn names_of(&self, rule: &Rule<'_>) -> usize {
        let Permissions::Names(names) = rule.permissions() else { return 0 };
        let mut count = names.len();
        let mut at = 0;
        while at < self.implied.0.len() {
            if brought(self.implied.0, at, names, rule.action()).is_some() {
                count += 1;
            }
            at += 1;
        }
        count
    }

    /// Returns the names of all rules, one after the other.
    #[must_use]
    pub const fn names<const N: usize>(&self) -> [Name<'static>; N] {
        let mut all = [Name::Number(0); N];
        let mut next = 0;
        let mut p = 0;
        while p < self.parts.len() {
            let mut r = 0;
            while r < self.parts[p].len() {
                let rule = &self.parts[p][r];
                if let Permissions::Names(names) = rule.permissions() {
                    let mut n = 0;
                    while n < names.len() {
                        all[next] = names[n];
                        next += 1;
                        n += 1;
                    }
                    let mut at = 0;
                    while at < self.implied.0.len() {
                        if let Some(name) = brought(self.implied.0, at, names, rule.action()) {
                            all[next] = name;
                            next += 1;
                        }
                        at += 1;
                    }
                }
                r += 1;
            }
            p += 1;
        }
        all
    }

    /// Returns the rules, with their permissions out of `names`.
    #[must_use]
    pub const fn rules<const N: usize>(&self, names: &'static [Name<'static>]) -> [Rule<'static>; N] {
        let nothing = Rule::__new(Action::Deny, Principal::Everyone, Permissions::All, 0);
        let mut all = [nothing; N];
        let mut next = 0;
        let mut rest = names;
        let mut p = 0;
        while p < self.parts.len() {
            let mut r = 0;
            while r < self.parts[p].len() {
                let rule = &match self.overlay {
                    Some(overlay) => self.parts[p][r].__overlaid(overlay),
                    None => self.parts[p][r],
                };
                let permissions = match rule.permissions() {
                    Permissions::Names(_) => {
                        let (own, others) = rest.split_at(self.names_of(rule));
                        rest = others;
                        Permissions::Names(own)
                    }
                    other => other,
                };
                all[next] = rule.__with(rule.principal(), permissions);
                next += 1;
                let mut at = 0;
                while at < self.groups.0.len() {
                    if let Some(group) = includer(self.groups.0, at, rule.principal()) {
                        all[next] = rule.__inherited(group, permissions);
                        next += 1;
                    }
                    at += 1;
                }
                r += 1;
            }
            p += 1;
        }
        all
    }
}
