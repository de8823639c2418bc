use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Authenticated, ["view"]),
    (Allow, Group("editors"), ["view"]),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 3);
}
