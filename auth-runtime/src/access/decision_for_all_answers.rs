//! Computes the decision of a list about a kind of request, for all answers to conditions: [`Verdict`], and the [`Change`] from one to
//! another.

use std::collections::BTreeSet;

use crate::acl::{Acl, Action, Condition, ConditionAnswer, Name, Principals};

/// With more conditions, not all answers are tried.
const MOST: usize = 6;

/// The rules of a list that may decide, in order: those with conditions, and the first one without.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Verdict(Vec<Deciding>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Deciding {
    /// The index of the rule
    at: usize,
    action: Action,
    conditions: &'static [Condition],
}

/// What a kind of request gains and loses from one verdict to another.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Change {
    pub(super) gains: Option<Extent>,
    pub(super) loses: Option<Extent>,
}

/// For which answers to conditions something changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Extent {
    /// For all
    Always,
    /// For some, to these conditions
    Sometimes(BTreeSet<&'static str>),
}

impl Verdict {
    pub(super) fn of(acl: &Acl, permission: Name<'_>, principals: &Principals<'_>) -> Self {
        let rules = acl.rules().iter().enumerate();
        let matching = rules
            .filter(|(_, rule)| rule.permissions().hold(permission) && principals.include(rule.principal()));
        Self::up_to_certain(matching.map(|(at, rule)| Deciding {
            at,
            action: rule.action(),
            conditions: rule.conditions(),
        }))
    }

    fn up_to_certain(rules: impl Iterator<Item = Deciding>) -> Self {
        let mut kept = Vec::new();
        for rule in rules {
            let is_certain = rule.conditions.is_empty();
            kept.push(rule);
            if is_certain {
                break;
            }
        }
        Self(kept)
    }

    /// Returns the verdict about requests of both kinds: more principals make more rules match.
    pub(super) fn with(&self, other: &Self) -> Self {
        let mut rules: Vec<Deciding> = self.0.iter().chain(&other.0).cloned().collect();
        rules.sort_by_key(|rule| rule.at);
        rules.dedup();
        Self::up_to_certain(rules.into_iter())
    }

    fn conditions(&self) -> impl Iterator<Item = Condition> {
        self.0.iter().flat_map(|rule| rule.conditions).copied()
    }

    fn allows(&self, answer: impl Fn(&Condition) -> ConditionAnswer) -> bool {
        let first = self.0.iter().find(|rule| {
            rule.conditions.iter().all(|condition| match answer(condition) {
                ConditionAnswer::Holds => true,
                ConditionAnswer::Fails => false,
                ConditionAnswer::Unknown => rule.action == Action::Deny,
            })
        });
        first.is_some_and(|rule| rule.action == Action::Allow)
    }
}

impl Change {
    /// Compares two verdicts, with each answer to each condition.
    pub(super) fn between(old: &Verdict, new: &Verdict) -> Self {
        let mut conditions: Vec<Condition> = Vec::new();
        for condition in old.conditions().chain(new.conditions()) {
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        let names: BTreeSet<&str> = conditions.iter().map(Condition::name).collect();
        let some = || Some(Extent::Sometimes(names.clone()));
        if conditions.len() > MOST {
            let rules = |verdict: &Verdict| -> Vec<_> {
                verdict.0.iter().map(|rule| (rule.action, rule.conditions)).collect()
            };
            // Different rules are taken to decide differently.
            return if rules(old) == rules(new) {
                Self::default()
            } else {
                Self { gains: some(), loses: some() }
            };
        }
        let (mut gains, mut loses, mut all) = (0_usize, 0_usize, 0_usize);
        for answers in combinations(conditions.len()) {
            let answer = |condition: &Condition| {
                let at = conditions.iter().position(|own| own == condition);
                at.and_then(|at| answers.get(at)).copied().unwrap_or(ConditionAnswer::Unknown)
            };
            all = all.saturating_add(1);
            match (old.allows(answer), new.allows(answer)) {
                (false, true) => gains = gains.saturating_add(1),
                (true, false) => loses = loses.saturating_add(1),
                _ => {}
            }
        }
        let extent = |count| match count {
            0 => None,
            count if count == all => Some(Extent::Always),
            _ => some(),
        };
        Self { gains: extent(gains), loses: extent(loses) }
    }
}

/// Returns all combinations of answers to so many conditions.
fn combinations(conditions: usize) -> Vec<Vec<ConditionAnswer>> {
    let all = [ConditionAnswer::Holds, ConditionAnswer::Fails, ConditionAnswer::Unknown];
    let mut found: Vec<Vec<ConditionAnswer>> = vec![Vec::new()];
    for _ in 0..conditions {
        let longer = found.iter().flat_map(|answers| {
            all.into_iter().map(move |answer| answers.iter().copied().chain([answer]).collect())
        });
        found = longer.collect();
    }
    found
}
