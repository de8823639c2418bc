//! Holds the counts of one ACL: [`ListHits`].

use std::{collections::BTreeMap, fmt};

use crate::acl::{Action, Name, Permissions, Principal, Rule};

/// The counts of one list; prints a line for each rule, and one for each unused grant.
#[derive(Clone, Debug)]
pub struct ListHits {
    pub(super) rules: Vec<RuleHits>,
    pub(super) unused: Vec<UnusedGrant>,
    pub(super) unspoken: BTreeMap<String, u64>,
}

/// How often a rule decided.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RuleHits {
    /// The number of the rule, counted from 1
    pub number: usize,
    /// The rule
    pub rule: Rule<'static>,
    /// The source file of the rule
    pub file: &'static str,
    /// How often it decided about each permission
    pub permissions: BTreeMap<String, u64>,
}

/// A permission that a rule grants and that was never used (least privilege: consider removing it).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UnusedGrant {
    /// The number of the rule, counted from 1
    pub rule: usize,
    /// The principal
    pub principal: Principal<'static>,
    /// The permission; `None` for `ALL` of a rule that never decided
    pub permission: Option<Name<'static>>,
}

impl ListHits {
    /// Returns the rules in order.
    #[must_use]
    pub fn rules(&self) -> &[RuleHits] {
        &self.rules
    }

    /// Returns the rules that decided nothing.
    pub fn never_hit(&self) -> impl Iterator<Item = &RuleHits> {
        self.rules.iter().filter(|rule| rule.count() == 0)
    }

    /// Returns the grants that were never used, by rule.
    #[must_use]
    pub fn unused_grants(&self) -> &[UnusedGrant] {
        &self.unused
    }

    /// Returns how often each permission was denied because no rule matched, as far as guards asked.
    #[must_use]
    pub const fn refused_by_no_rule(&self) -> &BTreeMap<String, u64> {
        &self.unspoken
    }
}

impl RuleHits {
    /// Returns how often it decided.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.permissions.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    pub(super) fn unused(&self) -> Vec<UnusedGrant> {
        if self.rule.action() == Action::Deny {
            return Vec::new();
        }
        let unused =
            |permission| UnusedGrant { rule: self.number, principal: self.rule.principal(), permission };
        match self.rule.permissions() {
            Permissions::Names(names) => names
                .iter()
                .filter(|name| !self.permissions.contains_key(&name.to_string()))
                .map(|name| unused(Some(*name)))
                .collect(),
            _ if self.count() == 0 => vec![unused(None)],
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for RuleHits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.rule.line().unwrap_or_default();
        write!(f, "rule {} at {}:{line}: {}", self.number, self.file, self.rule)
    }
}

impl fmt::Display for UnusedGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, principal, permission } = self;
        match permission {
            Some(permission) => write!(f, "rule {rule} grants `{permission}` to {principal}"),
            None => write!(f, "rule {rule} grants ALL to {principal}"),
        }
    }
}

impl fmt::Display for ListHits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for rule in &self.rules {
            write!(f, "{:>10}  {rule}", rule.count())?;
            for (permission, count) in &rule.permissions {
                write!(f, ", {permission} {count}")?;
            }
            writeln!(f)?;
        }
        for (permission, count) in &self.unspoken {
            writeln!(f, "{count:>10}  no rule: {permission}")?;
        }
        for unused in &self.unused {
            writeln!(f, "never used: {unused}")?;
        }
        Ok(())
    }
}
