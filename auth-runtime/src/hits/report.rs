//! Counts for people and programs.

use std::{collections::BTreeMap, fmt};

use crate::acl::{Acl, Action, Name, Principal, Rule};

/// What was decided, and how often.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    hits: Vec<Hit>,
    shadows: Vec<ShadowHits>,
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

/// The counts of one list; prints a line for each rule, and one for each grant that nobody used.
#[derive(Clone, Debug)]
pub struct ListHits {
    rules: Vec<RuleHits>,
    unused: Vec<UnusedGrant>,
    unspoken: BTreeMap<String, u64>,
}

/// How often a rule decided.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RuleHits {
    /// The place in the list; the first rule is 1, as people count
    pub number: usize,
    /// The rule
    pub rule: Rule<'static>,
    /// The source file of the rule
    pub file: &'static str,
    /// How often it decided about each permission
    pub permissions: BTreeMap<String, u64>,
}

/// A permission that a rule allows to somebody, and that was never used: granted for nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UnusedGrant {
    /// The place of the rule in the list; the first rule is 1, as people count
    pub rule: usize,
    /// To whom it is granted
    pub principal: Principal<'static>,
    /// What is granted; `None` for `ALL` of a rule that never decided
    pub permission: Option<Name<'static>>,
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

    /// Returns what is granted and was never used, by rule.
    #[must_use]
    pub fn unused_grants(&self) -> &[UnusedGrant] {
        &self.unused
    }

    /// Returns how often each permission was refused because no rule spoke of it, as far as guards asked.
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

    fn unused(&self) -> Vec<UnusedGrant> {
        if self.rule.action() == Action::Deny {
            return Vec::new();
        }
        let unused =
            |permission| UnusedGrant { rule: self.number, principal: self.rule.principal(), permission };
        match self.rule.permissions() {
            crate::acl::Permissions::Names(names) => names
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

#[cfg(feature = "access-reports")]
mod json {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{Hits, ListHits, RuleHits, UnusedGrant};

    impl Hits {
        /// Writes everything that was counted as JSON: `hits` and `shadows`.
        #[must_use]
        pub fn to_json(&self) -> String {
            json!({ "hits": self.hits, "shadows": self.shadows }).to_string()
        }
    }

    impl ListHits {
        /// Writes the counts as JSON: `rules`, `unused_grants` and `no_rule`.
        ///
        /// # Example
        ///
        /// ```
        /// use auth_runtime::{acl, hits, Acl};
        ///
        /// const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];
        /// let json: serde_json::Value = serde_json::from_str(&hits::snapshot().of(&ARTICLES).to_json())?;
        /// assert_eq!(json["unused_grants"][0]["permission"], "edit");
        /// # Ok::<(), serde_json::Error>(())
        /// ```
        #[must_use]
        pub fn to_json(&self) -> String {
            let rules: Vec<Value> = self.rules.iter().map(rule).collect();
            let unused: Vec<Value> = self.unused.iter().map(grant).collect();
            let no_rule: &BTreeMap<String, u64> = &self.unspoken;
            json!({ "rules": rules, "unused_grants": unused, "no_rule": no_rule }).to_string()
        }
    }

    fn rule(hits: &RuleHits) -> Value {
        json!({
            "number": hits.number,
            "file": hits.file,
            "line": hits.rule.line(),
            "rule": hits.rule.to_string(),
            "count": hits.count(),
            "permissions": hits.permissions,
        })
    }

    fn grant(unused: &UnusedGrant) -> Value {
        json!({
            "rule": unused.rule,
            "principal": unused.principal.to_string(),
            "permission": unused.permission.map(|name| name.to_string()),
        })
    }
}
