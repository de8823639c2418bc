//! Reads the labels of rules: ids, owners and last days, as `#[rule(…)]` in `acl!` gives them.

use super::{AccessTable, Day, Finding, FindingKind, RuleAt, used_permissions_of_acl::UsedAcl};
use crate::acl::{Acl, Rule};

/// A rule with an id, an owner or a last day.
pub(super) struct LabelledRule {
    pub(super) at: RuleAt,
    pub(super) rule: Rule<'static>,
}

impl AccessTable {
    /// Returns the labelled rules of the lists that guards name.
    pub(super) fn labelled_rules(&self) -> Vec<LabelledRule> {
        let lists = UsedAcl::all(self);
        let rules = lists.iter().flat_map(|list| {
            list.acl.iter().enumerate().filter_map(|(index, rule)| {
                let is_labelled = rule.id().is_some() || rule.owner().is_some() || rule.until().is_some();
                let at = RuleAt::at(index, list.name, &list.acl)?;
                (is_labelled && !rule.is_inherited()).then_some(LabelledRule { at, rule })
            })
        });
        rules.collect()
    }
}

impl LabelledRule {
    /// Returns the rule, its note, its owner and its last day, on one line.
    pub(super) fn text(&self) -> String {
        let Self { rule, .. } = self;
        let note = rule.note().map(|note| note.replace('\n', " "));
        let owner = rule.owner().map(|owner| format!("owner: {owner}"));
        let until = rule.until().map(|day| format!("until {day}"));
        let parts = [Some(rule.to_string()), note, owner, until];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// Returns a finding for each rule of a list whose last day, as `until` in `#[rule(…)]` says, is over.
///
/// [`AccessTable::findings`] has them for the lists of guards. This function serves lists that no guard names, such
/// as those that a [`Resource`](crate::Resource) includes in its rules.
///
/// # Example
///
/// ```
/// use auth_runtime::{access::expired_rules, acl, Acl};
///
/// const ARTICLES: Acl = acl![
///     #[rule(id = "press-may-edit", until = "2027-01-31")]
///     (Allow, Group("press"), ["edit"]),
/// ];
/// assert!(expired_rules(&ARTICLES, "2027-01-31".parse()?).is_empty());
/// assert_eq!(expired_rules(&ARTICLES, "2027-02-01".parse()?).len(), 1);
/// # Ok::<(), auth_runtime::access::InvalidDay>(())
/// ```
#[must_use]
pub fn expired_rules(acl: &Acl, today: Day) -> Vec<Finding> {
    expired(acl, "", today)
}

pub(super) fn expired(acl: &Acl, name: &str, today: Day) -> Vec<Finding> {
    let found = acl.rules().iter().enumerate().filter_map(|(at, rule)| {
        let until: Day = rule.until()?.parse().ok()?;
        if today <= until || rule.is_inherited() {
            return None;
        }
        let owner = rule.owner().map(|owner| format!("; its owner is {owner}")).unwrap_or_default();
        let text = format!("{} was meant to end on {until}{owner}: {rule}", described(acl, name, at));
        Some(Finding::of_rule(FindingKind::ExpiredRule, acl, rule, text))
    });
    found.collect()
}

/// Returns the number and the id of a rule, and its list: "rule 3 (`press-may-edit`) of `ARTICLES`".
pub(super) fn described(acl: &Acl, name: &str, at: usize) -> String {
    let id = acl.rules().get(at).and_then(Rule::id);
    let id = id.map(|id| format!(" (`{id}`)")).unwrap_or_default();
    format!("rule {}{id} of {}", at.saturating_add(1), quoted(name))
}

pub(super) fn quoted(name: &str) -> String {
    if name.is_empty() { "the list".to_owned() } else { format!("`{name}`") }
}
