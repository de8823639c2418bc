//! Changes a rule for mutation testing, to check whether the tests notice: [`Mutation`].

use alloc::{boxed::Box, format, vec::Vec};
use core::cell::Cell;
use std::thread_local;

use super::{Action, Condition, Rule};

thread_local! {
    static MUTATED: Cell<Option<(Rule<'static>, Rule<'static>)>> = const { Cell::new(None) };
}

/// Evaluates another rule in the place of one, on this thread, until it is dropped.
#[derive(Debug)]
pub struct Mutation(());

impl Mutation {
    /// Inverts every rule that is equal to this one and on the same line.
    #[must_use]
    pub fn invert(rule: Rule<'static>) -> Self {
        let mut inverted = rule;
        inverted.action = match rule.action() {
            Action::Allow => Action::Deny,
            Action::Deny => Action::Allow,
        };
        MUTATED.set(Some((rule, inverted)));
        Self(())
    }

    /// Takes the condition at this index away from every rule that is equal to this one and on the same line.
    ///
    /// The conditions that are left are never freed: a few bytes for each mutation of a rule with several.
    #[must_use]
    pub fn drop_condition(rule: Rule<'static>, index: usize) -> Self {
        let left = rule.conditions().iter().enumerate().filter(|(at, _)| *at != index);
        let left: Vec<Condition> = left.map(|(_, condition)| *condition).collect();
        MUTATED.set(Some((rule, rule.with_conditions(Box::leak(left.into_boxed_slice())))));
        Self(())
    }
}

impl Drop for Mutation {
    fn drop(&mut self) {
        MUTATED.set(None);
    }
}

/// Returns the rule as it is evaluated: another one while it is mutated.
pub(super) fn evaluated(rule: Rule<'_>) -> Rule<'_> {
    match MUTATED.get() {
        Some((original, mutant)) if is_same(&rule, &original) => mutant,
        _ => rule,
    }
}

/// A constant may be in memory more than once, so rules are compared by value and line, not by address.
fn is_same(a: &Rule<'_>, b: &Rule<'_>) -> bool {
    a.line() == b.line()
        && a.action() == b.action()
        && a.principal() == b.principal()
        && a.bits == b.bits
        && a.conditions() == b.conditions()
        && format!("{:?}", a.permissions()) == format!("{:?}", b.permissions())
}
