//! Yes or no, and why.

use core::fmt;

use super::{Action, Rule, flip};

/// The answer to "may they?", with the reason.
///
/// Whatever goes wrong on the way to an answer is an error or a denial, never a permission.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// They may.
    Allow(Grant),
    /// They may not.
    Deny(Denial),
}

/// Why something is allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Grant {
    /// The application's own policy says so.
    Policy,
    /// The rule at this place says so; the first rule is 0.
    Rule(usize),
}

/// Why something is denied.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Denial {
    /// Everything is denied to this user.
    Blocked,
    /// No rule speaks of it.
    NoRule,
    /// The application's own policy says so.
    Policy,
    /// The rule at this place says so; the first rule is 0.
    Rule(usize),
}

impl Decision {
    /// Returns whether they may.
    #[must_use]
    pub const fn is_allow(self) -> bool {
        matches!(self, Self::Allow(_))
    }

    /// Returns the place of the rule that decided; the first rule is 0.
    #[must_use]
    pub const fn rule(self) -> Option<usize> {
        match self {
            Self::Allow(Grant::Rule(at)) | Self::Deny(Denial::Rule(at)) => Some(at),
            Self::Allow(_) | Self::Deny(_) => None,
        }
    }

    /// What the rule at this place says.
    pub(super) fn of(rule: &Rule<'_>, at: usize) -> Self {
        Self::by_rule(flip::action(rule), at)
    }

    pub(crate) const fn by_rule(action: Action, at: usize) -> Self {
        match action {
            Action::Allow => Self::Allow(Grant::Rule(at)),
            Action::Deny => Self::Deny(Denial::Rule(at)),
        }
    }

    /// Returns the reason as a stable word for logs: `rule`, `no_rule`, `blocked` or `policy`.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Allow(Grant::Rule(_)) | Self::Deny(Denial::Rule(_)) => "rule",
            Self::Allow(Grant::Policy) | Self::Deny(Denial::Policy) => "policy",
            Self::Deny(Denial::Blocked) => "blocked",
            Self::Deny(Denial::NoRule) => "no_rule",
        }
    }
}

impl fmt::Display for Decision {
    /// Counts rules from 1, as people do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Allow(Grant::Rule(at)) => write!(f, "allowed by rule {}", at.saturating_add(1)),
            Self::Allow(Grant::Policy) => f.write_str("allowed by the authorization policy"),
            Self::Deny(Denial::Rule(at)) => write!(f, "denied by rule {}", at.saturating_add(1)),
            Self::Deny(Denial::NoRule) => f.write_str("denied, since no rule allows it"),
            Self::Deny(Denial::Blocked) => f.write_str("denied, since the user is blocked"),
            Self::Deny(Denial::Policy) => f.write_str("denied by the authorization policy"),
        }
    }
}
