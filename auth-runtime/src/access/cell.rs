//! One answer of the table.

use std::fmt;

use http::StatusCode;

use crate::acl::Decision;

/// What a route will say to a kind of request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cell {
    access: Access,
    rule: Option<RuleAt>,
}

/// Whether requests get through.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Access {
    /// They do.
    Allowed,
    /// The application's own policy decides when it is asked.
    DependsOnPolicy,
    /// The rules of the thing that is asked for decide.
    DependsOnResource(&'static str),
    /// What the user's credential was issued for decides.
    DependsOnScopes,
    /// They do not.
    Refused(StatusCode),
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct RuleAt {
    /// The name of the list, as it stands in the source; empty for a list without one
    pub list: &'static str,
    /// The place in the list; the first rule is 1, as people count
    pub number: usize,
    /// The source file of the list
    pub file: &'static str,
    /// The line of the rule
    pub line: u32,
}

impl Access {
    /// Returns whether requests may get through.
    #[must_use]
    pub const fn is_possible(self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}

impl Cell {
    pub(super) const fn new(access: Access, rule: Option<RuleAt>) -> Self {
        Self { access, rule }
    }

    /// Returns whether requests get through.
    #[must_use]
    pub const fn access(&self) -> Access {
        self.access
    }

    /// Returns the rule that decided, where one did.
    #[must_use]
    pub const fn rule(&self) -> Option<RuleAt> {
        self.rule
    }
}

impl RuleAt {
    pub(super) fn of(decision: Decision, list: &'static str, acl: &crate::acl::Acl) -> Option<Self> {
        let at = decision.rule()?;
        let line = acl.rules().get(at)?.line().unwrap_or_default();
        Some(Self { list, number: at.saturating_add(1), file: acl.file(), line })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.access, self.rule) {
            (Access::Allowed, None) => f.write_str("yes"),
            (Access::Allowed, Some(rule)) => write!(f, "yes ({rule})"),
            (Access::Refused(status), None) => write!(f, "{}", status.as_u16()),
            (Access::Refused(status), Some(rule)) => write!(f, "{} ({rule})", status.as_u16()),
            (Access::DependsOnPolicy, _) => f.write_str("policy"),
            (Access::DependsOnScopes, _) => f.write_str("scopes"),
            (Access::DependsOnResource(name), _) => write!(f, "`{name}`"),
        }
    }
}

impl fmt::Display for RuleAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.list.is_empty() {
            write!(f, "rule {}", self.number)
        } else {
            write!(f, "{} {}", self.list, self.number)
        }
    }
}
