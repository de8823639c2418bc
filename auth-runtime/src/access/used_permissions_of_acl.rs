//! Collects the permissions that routes require of an ACL: [`UsedAcl`].

use std::collections::BTreeSet;

use super::{
    AccessTable, CallerKind, Day, Finding, FindingKind,
    rule_labels::{described, expired, quoted},
};
use crate::acl::{Acl, Name, Permissions, Rule, decide};

/// An ACL and the permissions that routes require of it.
pub(super) struct UsedAcl<'a> {
    pub(super) name: &'static str,
    pub(super) acl: Acl,
    asked: BTreeSet<Name<'a>>,
}

impl<'a> UsedAcl<'a> {
    /// Returns each ACL once, with the permissions that the routes require.
    pub(super) fn all(table: &'a AccessTable) -> Vec<Self> {
        let mut lists: Vec<Self> = Vec::new();
        for guard in table.rows().iter().flat_map(|row| row.route().guards()) {
            let Some(acl) = guard.acl() else { continue };
            let at = lists.iter().position(|list| is_same(&list.acl, acl)).unwrap_or_else(|| {
                lists.push(Self { name: "", acl: *acl, asked: BTreeSet::new() });
                lists.len().saturating_sub(1)
            });
            if let Some(list) = lists.get_mut(at) {
                list.name = guard.context().filter(|_| list.name.is_empty()).unwrap_or(list.name);
                list.asked.extend(guard.permissions());
            }
        }
        lists
    }
}

impl UsedAcl<'_> {
    pub(super) fn findings(&self, today: Day) -> Vec<Finding> {
        let mut found = expired(&self.acl, self.name, today);
        found.extend(self.about_redundant_rules());
        let mut unused = BTreeSet::new();
        for (at, rule) in self.acl.rules().iter().enumerate() {
            let finding = |kind, text| Finding::of_rule(kind, &self.acl, rule, text);
            if !self.asked.iter().any(|name| rule.permissions().hold(*name)) {
                let which = described(&self.acl, self.name, at);
                let text = format!("{which} decides nothing that a route asks for: {rule}");
                found.push(finding(FindingKind::UnusedRule, text));
            }
            for name in names(rule).into_iter().filter(|name| !self.asked.contains(name)) {
                if unused.insert(name) {
                    let text = format!("no route asks for `{name}`, which {} mentions", quoted(self.name));
                    found.push(finding(FindingKind::UnusedPermission, text));
                }
            }
        }
        found.extend(self.about_groups());
        found
    }

    /// Returns a finding for each group whose members get the same decisions as every authenticated user.
    fn about_groups(&self) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        let mut seen = BTreeSet::new();
        for rule in self.acl.rules() {
            let Some(caller @ CallerKind::Member(name)) = CallerKind::of(rule) else { continue };
            if !seen.insert(name) {
                continue;
            }
            // A rule of the group that has a condition may decide differently.
            let is_conditional = self.acl.rules().iter().any(|rule| {
                CallerKind::of(rule) == Some(caller)
                    && !rule.conditions().is_empty()
                    && self.asked.iter().any(|asked| rule.permissions().hold(*asked))
            });
            let differs = is_conditional
                || self.asked.iter().any(|asked| {
                    let of = |caller: CallerKind| {
                        caller.with_principals(|who| decide(self.acl, *asked, who).is_allow())
                    };
                    of(caller) != of(CallerKind::SignedIn)
                });
            if !differs {
                let text = format!(
                    "members of `{name}` may do what every signed-in user may, as far as routes ask {}",
                    quoted(self.name)
                );
                found.push(Finding::of_rule(FindingKind::UnusedGroup, &self.acl, rule, text));
            }
        }
        found
    }

    fn about_redundant_rules(&self) -> impl Iterator<Item = Finding> {
        self.acl.redundant().filter_map(|at| {
            let rule = self.acl.rules().get(at)?;
            let which = described(&self.acl, self.name, at);
            let text = format!("{which} is redundant, because earlier rules decide the same: {rule}");
            Some(Finding::of_rule(FindingKind::RedundantRule, &self.acl, rule, text))
        })
    }
}

/// Compares ACLs by source position: a constant may be in memory more than once.
fn is_same(a: &Acl, b: &Acl) -> bool {
    let lines = |acl: &Acl| acl.rules().iter().map(Rule::line).collect::<Vec<_>>();
    a.file() == b.file() && lines(a) == lines(b)
}

fn names(rule: &Rule<'static>) -> Vec<Name<'static>> {
    match rule.permissions() {
        Permissions::Names(names) => names.to_vec(),
        Permissions::All | Permissions::Set(_) => Vec::new(),
    }
}
