//! Finds the scopes that rules of lists require of an access token by their conditions.

use std::collections::BTreeSet;

use auth_acl::__private::first_that_fires;

use super::{
    CallerKind,
    guard_metadata::{GuardMetadata, StaticDecision},
};
use crate::acl::{Acl, Action, ConditionKind, Rule};

/// With more scopes, not all sets are tried.
const MOST: usize = 10;

impl GuardMetadata {
    /// Returns the scopes that rules of the list name as a condition, as far as they allow what the guard asks for.
    pub(super) fn scopes_of_conditions(&self) -> BTreeSet<&'static str> {
        self.conditional_scopes(|rule| rule.action() == Action::Allow)
    }

    fn conditional_scopes(&self, is_counted: impl Fn(&Rule<'static>) -> bool) -> BTreeSet<&'static str> {
        let asked = self.permissions();
        let rules = self.acl().map(Acl::rules).unwrap_or_default().iter();
        let rules = rules.filter(|rule| asked.iter().any(|name| rule.permissions().hold(*name)));
        let conditions = rules.filter(|rule| is_counted(rule)).flat_map(Rule::conditions);
        conditions
            .filter_map(|condition| match condition.kind() {
                ConditionKind::Scope(scope) => Some(scope),
                _ => None,
            })
            .collect()
    }

    /// Returns the smallest sets of scopes with which the list allows every user that any scopes open it to; all other
    /// conditions hold as they have to.
    ///
    /// If rules that deny under the condition of a scope leave no such set, the sets are returned with which it allows
    /// the most of these kinds of users.
    pub(super) fn scopes_for_rules(&self, callers: &[CallerKind]) -> Option<Vec<BTreeSet<String>>> {
        let named: Vec<&str> = self.conditional_scopes(|_| true).into_iter().collect();
        if named.is_empty() {
            return None;
        }
        if named.len() > MOST {
            return Some(vec![self.scopes_of_conditions().into_iter().map(str::to_owned).collect()]);
        }
        let mut best = (0, Vec::new());
        for held in subsets(&named) {
            let allowed = callers.iter().filter(|caller| self.allows_with(**caller, &held)).count();
            if allowed > best.0 {
                best = (allowed, Vec::new());
            }
            if allowed == best.0 && !best.1.iter().any(|smaller: &BTreeSet<&str>| smaller.is_subset(&held)) {
                best.1.push(held);
            }
        }
        let owned = |held: BTreeSet<&str>| held.into_iter().map(str::to_owned).collect();
        Some(best.1.into_iter().map(owned).collect())
    }

    /// Returns whether the list allows a user with a token that has these scopes, at best.
    fn allows_with(&self, caller: CallerKind, held: &BTreeSet<&str>) -> bool {
        let Some(list) = self.acl() else { return false };
        caller.with_principals(|who| {
            let is_rejected = self.static_decision(who, false, None) == StaticDecision::Known(false);
            // An anonymous request has no token.
            if who.user_id().is_none() || is_rejected {
                return false;
            }
            let decision = self.steps().decide(|step| {
                first_that_fires(list.rules().iter().copied(), step.permission, who, None, |_, rule| {
                    let is_allowing = rule.action() == Action::Allow;
                    rule.conditions().iter().all(|condition| match condition.kind() {
                        ConditionKind::Scope(scope) => held.contains(scope),
                        // The guard of a list has no resource, so these are unknown.
                        _ if condition.is_about_resource() => !is_allowing,
                        _ => is_allowing,
                    })
                })
            });
            decision.is_allow()
        })
    }
}

/// Returns all sets of these names, the smaller ones first.
fn subsets<'n>(names: &[&'n str]) -> Vec<BTreeSet<&'n str>> {
    let mut all: Vec<BTreeSet<&str>> = vec![BTreeSet::new()];
    for name in names {
        let with: Vec<_> = all.iter().map(|set| set.iter().copied().chain([*name]).collect()).collect();
        all.extend(with);
    }
    all.sort_by_key(BTreeSet::len);
    all
}
