use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["v1.1", "v11", "item", "a1", "a2", "view", "review"]),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 1);
}
