//! Reports the result of an evaluation, with its reason: [`Decision`].

use core::fmt;

use super::{Action, Rule};

/// Whether a permission is granted, with the reason.
///
/// The evaluation fails closed: anything that goes wrong is an error or a denial, never a grant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// The permission is granted.
    Allow(Grant),
    /// The permission is denied.
    Deny(Denial),
}

/// Why a permission is granted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Grant {
    /// The rule at this index of the [overlay](crate::OverlayRules::rules) allows it; the first rule is 0.
    Overlay(usize),
    /// The application's own policy grants it.
    Policy,
    /// The rule at this index allows it; the first rule is 0.
    Rule(usize),
}

/// Why a permission is denied.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Denial {
    /// The application's own policy abstains, so nothing allows it.
    Abstained,
    /// The user is blocked, so everything is denied.
    Blocked,
    /// No rule matches.
    NoRule,
    /// The rule at this index of the [overlay](crate::OverlayRules::rules) denies it; the first rule is 0.
    Overlay(usize),
    /// The application's own policy denies it.
    Policy,
    /// The rule at this index denies it; the first rule is 0.
    Rule(usize),
}

impl Decision {
    /// Returns whether the permission is granted.
    #[must_use]
    pub const fn is_allow(self) -> bool {
        matches!(self, Self::Allow(_))
    }

    /// Returns the index of the rule that decided; the first rule is 0. That of an overlay is found by
    /// [`OverlayRules::rule_of`](crate::OverlayRules::rule_of).
    #[must_use]
    pub const fn rule(self) -> Option<usize> {
        match self {
            Self::Allow(Grant::Rule(at)) | Self::Deny(Denial::Rule(at)) => Some(at),
            Self::Allow(_) | Self::Deny(_) => None,
        }
    }

    /// Counts so many rules before the first one.
    #[doc(hidden)]
    #[must_use]
    pub const fn after(self, rules: usize) -> Self {
        match self {
            Self::Allow(Grant::Rule(at)) => Self::Allow(Grant::Rule(at.saturating_add(rules))),
            Self::Deny(Denial::Rule(at)) => Self::Deny(Denial::Rule(at.saturating_add(rules))),
            other => other,
        }
    }

    /// The decision of the rule at this index.
    pub(super) const fn of(rule: &Rule<'_>, at: usize) -> Self {
        Self::by_rule(rule.action(), at)
    }

    pub(crate) const fn by_rule(action: Action, at: usize) -> Self {
        match action {
            Action::Allow => Self::Allow(Grant::Rule(at)),
            Action::Deny => Self::Deny(Denial::Rule(at)),
        }
    }

    /// Returns the reason as a stable word for logs: `rule`, `overlay`, `no_rule`, `blocked`, `policy` or
    /// `abstained`.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Allow(Grant::Rule(_)) | Self::Deny(Denial::Rule(_)) => "rule",
            Self::Allow(Grant::Overlay(_)) | Self::Deny(Denial::Overlay(_)) => "overlay",
            Self::Allow(Grant::Policy) | Self::Deny(Denial::Policy) => "policy",
            Self::Deny(Denial::Abstained) => "abstained",
            Self::Deny(Denial::Blocked) => "blocked",
            Self::Deny(Denial::NoRule) => "no_rule",
        }
    }
}

impl fmt::Display for Decision {
    /// Numbers rules from 1, for messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Allow(Grant::Rule(at)) => write!(f, "allowed by rule {}", at.saturating_add(1)),
            Self::Allow(Grant::Overlay(at)) => {
                write!(f, "allowed by rule {} of the overlay", at.saturating_add(1))
            }
            Self::Deny(Denial::Overlay(at)) => {
                write!(f, "denied by rule {} of the overlay", at.saturating_add(1))
            }
            Self::Allow(Grant::Policy) => f.write_str("allowed by the authorization policy"),
            Self::Deny(Denial::Rule(at)) => write!(f, "denied by rule {}", at.saturating_add(1)),
            Self::Deny(Denial::NoRule) => f.write_str("denied, since no rule allows it"),
            Self::Deny(Denial::Blocked) => f.write_str("denied, since the user is blocked"),
            Self::Deny(Denial::Abstained) => f.write_str("denied, since the authorization policy abstains"),
            Self::Deny(Denial::Policy) => f.write_str("denied by the authorization policy"),
        }
    }
}
