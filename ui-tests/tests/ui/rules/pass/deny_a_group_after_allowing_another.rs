use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Group("editors"), ["edit"]),
    (Deny, Group("robots"), ["edit"]),
    (Allow, Authenticated, ["edit"]),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 3);
}
