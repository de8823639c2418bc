//! Holds the decision in a cell of the access table: [`Cell`] and [`Access`].

use std::fmt;

use http::StatusCode;

use super::Dependence;
use crate::acl::Decision;

/// The decision of a route for a kind of request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cell {
    access: Access,
    rule: Option<RuleAt>,
}

/// Whether requests are allowed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Access {
    /// Requests are allowed.
    Allowed,
    /// The conditions of rules decide at run time.
    DependsOnConditions(Dependence),
    /// The application's authorization policy decides at run time.
    DependsOnPolicy,
    /// The rules of the requested resource decide.
    DependsOnResource(&'static str),
    /// The scopes of the user's credential decide.
    DependsOnScopes,
    /// Requests are denied.
    Refused(StatusCode),
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct RuleAt {
    /// The name of the ACL in the source; empty for one without a name
    pub list: &'static str,
    /// The position in the ACL; the first rule is 1
    pub number: usize,
    /// The id of the rule, if it has one
    pub id: Option<&'static str>,
    /// The source file of the ACL
    pub file: &'static str,
    /// The line of the rule
    pub line: u32,
}

impl Access {
    /// Returns whether requests may be allowed.
    #[must_use]
    pub const fn is_possible(self) -> bool {
        !matches!(self, Self::Refused(_))
    }

    /// Returns whether requests may be allowed that the other one denies. Two that depend on different things may each
    /// allow what the other denies.
    #[must_use]
    pub(super) fn may_widen(self, other: Self) -> bool {
        match (self, other) {
            (Self::Refused(_), _) | (_, Self::Allowed) => false,
            _ => self != other,
        }
    }
}

impl Cell {
    pub(super) const fn new(access: Access, rule: Option<RuleAt>) -> Self {
        Self { access, rule }
    }

    /// Returns whether requests are allowed.
    #[must_use]
    pub const fn access(&self) -> Access {
        self.access
    }

    /// Returns the rule that decided, if one did.
    #[must_use]
    pub const fn rule(&self) -> Option<RuleAt> {
        self.rule
    }
}

impl RuleAt {
    pub(super) fn of(decision: Decision, list: &'static str, acl: &crate::acl::Acl) -> Option<Self> {
        Self::at(decision.rule()?, list, acl)
    }

    /// Returns the rule at an index.
    pub(super) fn at(at: usize, list: &'static str, acl: &crate::acl::Acl) -> Option<Self> {
        let rule = acl.rules().get(at)?;
        let line = rule.line().unwrap_or_default();
        Some(Self { list, number: at.saturating_add(1), id: rule.id(), file: acl.file(), line })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.access, self.rule) {
            (Access::Allowed, None) => f.write_str("yes"),
            (Access::Allowed, Some(rule)) => write!(f, "yes ({rule})"),
            (Access::Refused(status), None) => write!(f, "{}", status.as_u16()),
            (Access::Refused(status), Some(rule)) => write!(f, "{} ({rule})", status.as_u16()),
            (Access::DependsOnConditions(on), None) => on.fmt(f),
            (Access::DependsOnConditions(on), Some(rule)) => write!(f, "{on} ({rule})"),
            (Access::DependsOnPolicy, _) => f.write_str("policy"),
            (Access::DependsOnScopes, _) => f.write_str("scopes"),
            (Access::DependsOnResource(name), _) => write!(f, "`{name}`"),
        }
    }
}

impl fmt::Display for RuleAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.list.is_empty() { "rule" } else { self.list })?;
        match self.id {
            Some(id) => write!(f, " {id}"),
            None => write!(f, " {}", self.number),
        }
    }
}
