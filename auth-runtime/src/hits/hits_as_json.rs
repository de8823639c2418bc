//! Formats counts as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Hits, ListHits, RuleHits, UnusedGrant};

impl Hits {
    /// Writes all counts as JSON: `hits` and `shadows`.
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
