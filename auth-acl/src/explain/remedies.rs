//! Finds the smallest changes that would turn a denial into a grant.

use alloc::{borrow::ToOwned as _, collections::BTreeSet, format, string::String, vec, vec::Vec};

use super::{Asked, caller_as_text::named};
use crate::{Action, Condition, ConditionAnswer, Groups, Name, Principal, Principals};

impl Asked<'_> {
    /// Returns the smallest changes that would make the answer yes; all of equal size.
    pub(super) fn remedies(self, principals: &Principals<'_>) -> Vec<String> {
        let Self { rules, permission, .. } = self;
        if principals.is_blocked() {
            return vec!["not be blocked".to_owned()];
        }
        let groups = principals.groups().cloned().unwrap_or_default();
        let helps = |user: Option<&str>, groups: &Groups| {
            self.decide(&Principals::new(user, Some(groups))).is_allow()
        };
        let grants = rules.iter().filter(|rule| rule.permissions().hold(permission));
        let wanted: Vec<Name<'_>> = grants
            .filter_map(|rule| match rule.principal() {
                Principal::Group(name) => Some(name),
                _ => None,
            })
            .collect();
        let user = principals.user_id();
        let mut found: Vec<String> = Vec::new();
        // Groups belong to a user, so an anonymous caller has to sign in first.
        let (as_user, prefix) = match user {
            Some(user) => (user, "be in"),
            None => (UNNAMED_USER, "be signed in, and in"),
        };
        if user.is_none() && helps(Some(UNNAMED_USER), &groups) {
            found.extend(["be signed in".to_owned()]);
        } else {
            let enough = wanted.iter().filter(|name| helps(Some(as_user), &with(&groups, **name)));
            found.extend(enough.map(|name| format!("{prefix} the group `{name}`")));
        }
        if found.is_empty() {
            found.extend(without_one(&groups, |rest| helps(user, rest)));
        }
        if found.is_empty() {
            let users = rules.iter().filter_map(|rule| match rule.principal() {
                Principal::User(id) => Some(id),
                _ => None,
            });
            found.extend(users.filter(|id| helps(Some(*id), &groups)).map(|id| format!("be {}", named(id))));
        }
        found.extend(self.other_answers(principals));
        let mut seen = BTreeSet::new();
        found.retain(|remedy| seen.insert(remedy.clone()));
        found
    }

    /// The conditions of single rules whose other answer would be enough.
    fn other_answers(&self, principals: &Principals<'_>) -> Vec<String> {
        let asked = self.rules.iter().enumerate().filter(|(_, rule)| {
            rule.permissions().hold(self.permission)
                && principals.include(rule.principal())
                && rule.is_conditional()
        });
        let helping = asked.filter_map(|(own, rule)| {
            let (other, verb) = match rule.action() {
                Action::Allow => (ConditionAnswer::Holds, "meet"),
                Action::Deny => (ConditionAnswer::Fails, "not meet"),
            };
            let changed = |at: usize, condition: &Condition| {
                if at == own { other } else { (self.answer)(at, condition) }
            };
            let asked = Asked { answer: &changed, ..*self };
            asked.decide(principals).is_allow().then(|| {
                let names: Vec<String> =
                    rule.conditions().iter().map(|condition| format!("`{condition}`")).collect();
                let noun = if names.len() == 1 { "condition" } else { "conditions" };
                format!("{verb} the {noun} {}", names.join(" and "))
            })
        });
        helping.collect()
    }
}

/// A user that no rule names; no rule can, since ids have no control characters.
const UNNAMED_USER: &str = "\u{1}";

fn with(groups: &Groups, name: Name<'_>) -> Groups {
    let mut groups = groups.clone();
    groups.insert(name);
    groups
}

/// Leaving a group may help, if a rule denies something to it.
fn without_one(groups: &Groups, helps: impl Fn(&Groups) -> bool) -> Vec<String> {
    let leave = groups.iter().filter(|left| {
        let rest: Groups = groups.iter().filter(|name| name != left).collect();
        helps(&rest)
    });
    leave.map(|name| format!("not be in the group `{name}`")).collect()
}
