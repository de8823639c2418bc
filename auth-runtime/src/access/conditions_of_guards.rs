//! Collects the conditions that the rules of guards name, with what they are about.

use super::{AccessTable, used_permissions_of_acl::UsedAcl};
use crate::acl::{Condition, Rule};

impl AccessTable {
    /// Returns each condition once, by name.
    pub(super) fn conditions(&self) -> Vec<Condition> {
        let lists = UsedAcl::all(self);
        let rules = lists.iter().flat_map(|list| list.acl.rules());
        let mut conditions: Vec<Condition> = Vec::new();
        for condition in rules.flat_map(Rule::conditions) {
            if !conditions.contains(condition) {
                conditions.push(*condition);
            }
        }
        conditions.sort_by_key(Condition::name);
        conditions
    }
}
