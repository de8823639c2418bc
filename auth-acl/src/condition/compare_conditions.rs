//! Compares conditions, in constants and at run time.

use core::hash::{Hash, Hasher};

use super::{Condition, ConditionKind};
use crate::Name;

impl Condition {
    /// Compares like `==`, but in constants.
    #[must_use]
    pub const fn is(&self, other: &Self) -> bool {
        same(self.name, other.name) && self.kind.is(other.kind)
    }
}

impl ConditionKind {
    const fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Acr(a), Self::Acr(b)) | (Self::Network(a), Self::Network(b)) => all_same(a, b),
            (Self::Custom, Self::Custom) | (Self::Owner, Self::Owner) | (Self::Tenant, Self::Tenant) => true,
            (Self::Daily(from, until), Self::Daily(other_from, other_until)) => {
                from == other_from && until == other_until
            }
            (Self::MaxAge(a), Self::MaxAge(b)) => a == b,
            (Self::Period(from, until), Self::Period(other_from, other_until)) => {
                from == other_from && until == other_until
            }
            (Self::Scope(a), Self::Scope(b)) => same(a, b),
            _ => false,
        }
    }
}

const fn same(a: &str, b: &str) -> bool {
    Name::Text(a).is(Name::Text(b))
}

const fn all_same(a: &[&str], b: &[&str]) -> bool {
    let (mut a, mut b) = (a, b);
    while let ([first, a_rest @ ..], [second, b_rest @ ..]) = (a, b) {
        if !same(first, second) {
            return false;
        }
        (a, b) = (a_rest, b_rest);
    }
    a.is_empty() && b.is_empty()
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}

impl Eq for Condition {}

impl Hash for Condition {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl PartialEq for ConditionKind {
    fn eq(&self, other: &Self) -> bool {
        self.is(*other)
    }
}

impl Eq for ConditionKind {}
