//! Reports counts of rules and shadow ACLs: [`Hits`].

use std::collections::BTreeMap;

use super::{ListHits, RuleHits};
use crate::acl::{Acl, Rule};

/// The counts of decisions.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    pub(super) hits: Vec<Hit>,
    pub(super) shadows: Vec<ShadowHits>,
}

/// One question that was always decided the same way: by the same rule, about the same permission.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "access-reports", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Hit {
    /// The source file of the rule, or of the list in which no rule matched
    pub file: String,
    /// The line of the rule, or the first one of the list
    pub line: u32,
    /// The rule, as source text; `None` if no rule matched
    pub rule: Option<String>,
    /// The permission; empty if there were too many different questions
    pub permission: String,
    /// The decision
    pub allowed: bool,
    /// How often
    pub count: u64,
}

/// How often the shadow list of a guard would have decided differently.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "access-reports", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ShadowHits {
    /// The source position of the guard: `file:line function`, or `layer`
    pub guard: String,
    /// The permission
    pub permission: String,
    /// The list that decided, as named in the source
    pub context: String,
    /// The shadow list
    pub shadow: String,
    /// How often the shadow would have allowed what was denied
    pub wider: u64,
    /// How often the shadow would have denied what was allowed
    pub narrower: u64,
}

impl Hits {
    pub(super) fn new(hits: Vec<Hit>, shadows: Vec<ShadowHits>) -> Self {
        Self { hits: Vec::new(), shadows }.with(hits)
    }

    /// Sums counts of the same thing, in the order of the source.
    fn with(mut self, more: Vec<Hit>) -> Self {
        self.hits.extend(more);
        self.hits.sort_by(|a, b| {
            (&a.file, a.line, &a.rule, &a.permission, a.allowed).cmp(&(
                &b.file,
                b.line,
                &b.rule,
                &b.permission,
                b.allowed,
            ))
        });
        self.hits.dedup_by(|next, kept| {
            let same = next.file == kept.file
                && next.line == kept.line
                && next.rule == kept.rule
                && next.permission == kept.permission
                && next.allowed == kept.allowed;
            if same {
                kept.count = kept.count.saturating_add(next.count);
            }
            same
        });
        self
    }

    /// Adds other counts to these.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.shadows.extend(other.shadows);
        self.with(other.hits)
    }

    /// Returns all counts, in the order of the source.
    #[must_use]
    pub fn all(&self) -> &[Hit] {
        &self.hits
    }

    /// Returns how often shadow lists would have decided differently.
    #[must_use]
    pub fn shadows(&self) -> &[ShadowHits] {
        &self.shadows
    }

    /// Returns the counts of one list.
    #[must_use]
    pub fn of(&self, list: &Acl) -> ListHits {
        let rules: Vec<RuleHits> = list
            .rules()
            .iter()
            .enumerate()
            .map(|(at, rule)| RuleHits {
                number: at.saturating_add(1),
                rule: *rule,
                file: rule.file(),
                permissions: self.about(rule),
            })
            .collect();
        let first = list.rules().first().and_then(Rule::line);
        let unspoken = self
            .hits
            .iter()
            .filter(|hit| hit.rule.is_none() && hit.file == list.file() && Some(hit.line) == first);
        ListHits {
            unused: rules.iter().flat_map(RuleHits::unused).collect(),
            unspoken: unspoken.map(|hit| (hit.permission.clone(), hit.count)).collect(),
            rules,
        }
    }

    fn about(&self, rule: &Rule<'static>) -> BTreeMap<String, u64> {
        let text = rule.to_string();
        let mut permissions = BTreeMap::<String, u64>::new();
        for hit in &self.hits {
            if Some(hit.line) == rule.line() && hit.file == rule.file() && hit.rule.as_ref() == Some(&text) {
                let count = permissions.entry(hit.permission.clone()).or_default();
                *count = count.saturating_add(hit.count);
            }
        }
        permissions
    }
}
