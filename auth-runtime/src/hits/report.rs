//! Counts for people and programs.

use std::collections::BTreeMap;

use super::{ListHits, RuleHits};
use crate::acl::{Acl, Rule};

/// What was decided, and how often.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    pub(super) hits: Vec<Hit>,
    pub(super) shadows: Vec<ShadowHits>,
}

/// One question that was answered the same way each time: by the same rule, about the same permission.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "access-reports", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Hit {
    /// The source file of the rule, or of the list of which no rule spoke
    pub file: String,
    /// The line of the rule, or of the list's first one
    pub line: u32,
    /// The rule, as it is written in a list; `None` where no rule spoke
    pub rule: Option<String>,
    /// What was asked for; empty where there were too many different questions
    pub permission: String,
    /// The answer
    pub allowed: bool,
    /// How often
    pub count: u64,
}

/// How often a guard's shadow would have answered otherwise.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "access-reports", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ShadowHits {
    /// Where the guard stands: `file:line function`, or `layer`
    pub guard: String,
    /// What was asked for
    pub permission: String,
    /// The list that decided, as it is named in the source
    pub context: String,
    /// The list that did not
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

    /// Adds counts of the same up, in the order of the source.
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

    /// Puts these counts and others together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.shadows.extend(other.shadows);
        self.with(other.hits)
    }

    /// Returns all that was counted, in the order of the source.
    #[must_use]
    pub fn all(&self) -> &[Hit] {
        &self.hits
    }

    /// Returns how often shadows would have answered otherwise.
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
