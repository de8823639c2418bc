//! Inverts a rule for mutation testing, to check whether the tests notice: [`Flip`].

use alloc::format;
use core::cell::Cell;
use std::thread_local;

use super::{Action, Rule};

thread_local! {
    static FLIPPED: Cell<Option<Rule<'static>>> = const { Cell::new(None) };
}

/// Inverts a rule on this thread until it is dropped.
#[derive(Debug)]
pub struct Flip(());

impl Flip {
    /// Inverts every rule that is equal to this one and on the same line.
    #[must_use]
    pub fn new(rule: Rule<'static>) -> Self {
        FLIPPED.set(Some(rule));
        Self(())
    }
}

impl Drop for Flip {
    fn drop(&mut self) {
        FLIPPED.set(None);
    }
}

/// The action of the rule, or its opposite while it is inverted.
pub(super) fn action(rule: &Rule<'_>) -> Action {
    match FLIPPED.get() {
        Some(flipped) if is_same(rule, &flipped) => match rule.action() {
            Action::Allow => Action::Deny,
            Action::Deny => Action::Allow,
        },
        _ => rule.action(),
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
