use auth_runtime::{Acl, Rule, acl};

const ARTICLES: Acl = acl![
    // Line 5.
    (Allow, Everyone, ["view"]),
    // Line 7.
    (Deny, User("mallory"), ["edit"]),
];

pub(crate) fn main() {
    let lines: Vec<_> = ARTICLES.rules().iter().filter_map(Rule::line).collect();
    assert_eq!(lines, [5, 7]);
    assert!(ARTICLES.file().ends_with("rules_know_their_lines.rs"));
}
