//! Adds to a compile error which implied permission or included group a rule inherited from a hierarchy.

use super::{Composition, group_and_permission_hierarchies::leads};
use crate::{Action, Name, Permissions, Principal, Rule, const_message::Message};

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every index is compared with its length first; constants have no iterators"
)]
impl Composition {
    /// Adds which permission of the rule brought `name` into it, if one did.
    pub(crate) const fn push_implication(
        &self,
        message: Message,
        rule: &Rule<'_>,
        name: Name<'_>,
    ) -> Message {
        let Permissions::Names(names) = rule.permissions() else { return message };
        let edges = self.implied.0;
        let mut n = 0;
        // The names that the user wrote come before those that they bring.
        while n < names.len() && !names[n].is(name) {
            match rule.action() {
                Action::Allow if leads(edges, names[n], name, edges.len()) => {
                    return message.push(", which ").push_name(names[n]).push(" implies,");
                }
                Action::Deny if leads(edges, name, names[n], edges.len()) => {
                    return message.push(", which implies ").push_name(names[n]).push(",");
                }
                _ => n += 1,
            }
        }
        message
    }

    /// Adds which group of the row includes the group of the rule, if the row names another group.
    pub(crate) const fn push_inclusion(&self, message: Message, rules: &[Rule<'_>], at: usize) -> Message {
        let Principal::Group(greater) = rules[at].principal() else { return message };
        let edges = self.groups.0;
        let mut before = at;
        while before > 0 {
            before -= 1;
            // A row is followed by its repetitions for other groups, which have the same line.
            let (Some(line), Some(own)) = (rules[before].line(), rules[at].line()) else { return message };
            let Principal::Group(lesser) = rules[before].principal() else { return message };
            if line != own {
                return message;
            }
            if !lesser.is(greater) && leads(edges, greater, lesser, edges.len()) {
                return message.push(", which includes the group ").push_name(lesser);
            }
        }
        message
    }
}
